-- Whether the connected node receives winners, and so heartbeats, by its subscription @name. Any version from 15.
select exists (
    select
    from pg_subscription s
    join pg_subscription_rel r on r.srsubid = s.oid
    where s.subname = @name
      and s.subenabled
      and s.subdbid = (select oid from pg_database where datname = current_database())
      and r.srrelid = to_regclass('trktr.winner')
      and r.srsubstate = 'r')
