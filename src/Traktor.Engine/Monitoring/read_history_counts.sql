-- How many conflicts wait and how many were resolved.
select
    count(*) filter (where resolved is null) as pending,
    count(*) filter (where resolved is not null) as resolved
from trktr.history
