-- Whether all subscribers of this node that are connected have applied what was committed before a position.
select not exists (
    select
    from pg_replication_slots s
    join pg_stat_replication w on w.pid = s.active_pid
    where s.database = current_database()
      and s.slot_name ~ format('^trktr_sub_\d+_%s$', @node)
      and coalesce(w.replay_lsn < @lsn::pg_lsn, true))
