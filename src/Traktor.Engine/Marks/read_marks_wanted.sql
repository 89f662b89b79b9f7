-- Whether this node's transactions are to be marked, and whether its publications still publish TRUNCATE, or do not any
-- more.
select
    i.pre16_compatibility or exists (select from trktr.marked_subscriber) as is_wanted,
    exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and pubtruncate) as truncates_some,
    exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and not pubtruncate) as withholds_some
from trktr.identity i
