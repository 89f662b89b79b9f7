-- Drops the replication origins under which rows were copied into this database, those that no session uses.
select pg_replication_origin_drop(o.roname)
from pg_replication_origin o
where o.roname ~ format('^trktr_copy_\d+_%s$', (select oid from pg_database where datname = current_database()))
