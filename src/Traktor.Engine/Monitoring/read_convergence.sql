-- How much waits for convergence: changes in the overwrite log, contested keys, arrived winners; each counted up to
-- @most, beyond that from the server's statistics.
select
    case
        when j.n < @most then j.n
        else greatest(j.n, pg_stat_get_live_tuples('trktr.overwrite_log'::regclass))
    end as overwrites,
    case
        when r.n < @most then r.n
        else greatest(r.n, pg_stat_get_live_tuples('trktr.contested_key'::regclass))
    end as contested,
    case
        when v.n < @most then v.n
        else greatest(v.n, pg_stat_get_live_tuples('trktr.winner'::regclass))
    end as winners,
    a.n as set_aside
from (select count(*) as n from (select from trktr.overwrite_log limit @most) c) j
cross join (select count(*) as n from (select from trktr.contested_key limit @most) c) r
cross join (select count(*) as n from (select from trktr.winner limit @most) c) v
cross join (select count(*) as n from (select from trktr.set_aside limit @most) c) a
