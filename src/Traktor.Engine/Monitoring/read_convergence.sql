-- How much waits to be converged: changes in the overwrite log, contested keys, winners that arrived; each counted up
-- to @most, and what is more as the server's statistics have it.
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
    end as winners
from (select count(*) as n from (select from trktr.overwrite_log limit @most) c) j
cross join (select count(*) as n from (select from trktr.contested_key limit @most) c) r
cross join (select count(*) as n from (select from trktr.winner limit @most) c) v
