-- The oldest entries of trktr.set_aside, at most @most, and how many there are.
select
    s.id,
    s.schema_name as schema,
    s.table_name as table,
    s.key,
    s.problem,
    count(*) over () as total
from trktr.set_aside s
order by s.id
limit @most
