-- How many sessions may copy rows at a time, 1 to 4: each needs a replication origin, and each of @others two and this
-- node one. Origins that copied before count as free. Any version from 15.
select least(4, greatest(1,
    coalesce(current_setting('max_active_replication_origins', true), current_setting('max_replication_slots'))::integer
    - (select count(*) from pg_replication_origin where roname !~ '^trktr_copy_\d+_\d+$')
    - @others - 1))::integer
