-- Whether an apply worker of this node, @self, runs. One that has not started yet sees that its subscription is
-- disabled. Any version from 15.
select exists (
    select
    from pg_stat_subscription w
    join pg_subscription s on s.oid = w.subid
    where w.pid is not null
      and s.subdbid = (select oid from pg_database where datname = current_database())
      and s.subname ~ format('^trktr_sub_%s_\d+$', @self))
