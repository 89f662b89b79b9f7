-- Publications for tables whose options somebody has changed, and what they have to publish. Whether they publish
-- truncations depends on the mesh.
select
    pubname as name,
    concat('insert, update, delete', case when pubtruncate then ', truncate' end) as publish
from pg_publication
where pubname ~ '^trktr_pub(_to_\d+)?$'
  and not (pubinsert and pubupdate and pubdelete and pubviaroot)
