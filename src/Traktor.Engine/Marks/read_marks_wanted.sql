-- Whether this node's transactions should be marked, and whether some of its publications publish TRUNCATE or do not.
select
    i.pre16_compatibility or exists (select from trktr.marked_subscriber) as is_wanted,
    exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and pubtruncate) as truncates_some,
    exists (select from pg_publication where pubname ~ '^trktr_pub(_to_\d+)?$' and not pubtruncate) as withholds_some
from trktr.identity i
