-- How far this node has applied the changes of its subscription @name, and whether that is @end. Any version from 15.
select coalesce(p.lsn, '0/0')::text as lsn, coalesce(p.lsn >= @end::pg_lsn, false) as is_there
from pg_database d
left join pg_subscription s on s.subname = @name and s.subdbid = d.oid
cross join lateral pg_replication_origin_progress('pg_' || s.oid, true) as p (lsn)
where d.datname = current_database()
