-- How much waits to be converged: changes in the overwrite log, contested keys, winners that arrived; each counted up to
-- @most, and what is more as the server's statistics have it.
select
    (select case when n < @most then n else greatest(n, pg_stat_get_live_tuples('trktr.overwrite_log'::regclass)) end from (select count(*) as n from (select from trktr.overwrite_log limit @most) j) c) as overwrites,
    (select case when n < @most then n else greatest(n, pg_stat_get_live_tuples('trktr.contested_key'::regclass)) end from (select count(*) as n from (select from trktr.contested_key limit @most) r) c) as contested,
    (select case when n < @most then n else greatest(n, pg_stat_get_live_tuples('trktr.winner'::regclass)) end from (select count(*) as n from (select from trktr.winner limit @most) v) c) as winners
