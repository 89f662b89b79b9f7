-- How much waits to be converged: changes in the journal, contested keys, verdicts that arrived; each counted up to
-- @most, and what is more as the server's statistics have it.
select
    (select case when n < @most then n else greatest(n, pg_stat_get_live_tuples('trktr.journal'::regclass)) end from (select count(*) as n from (select from trktr.journal limit @most) j) c) as journal,
    (select case when n < @most then n else greatest(n, pg_stat_get_live_tuples('trktr.register'::regclass)) end from (select count(*) as n from (select from trktr.register limit @most) r) c) as register,
    (select case when n < @most then n else greatest(n, pg_stat_get_live_tuples('trktr.verdict'::regclass)) end from (select count(*) as n from (select from trktr.verdict limit @most) v) c) as verdicts
