-- What of a mesh this node, @self, has already, in words; empty when nothing. Any version from 15.
select concat_ws(
    ', ',
    (
        select 'subscription ' || string_agg(s.subname, ', ' order by s.subname)
        from pg_subscription s
        where s.subdbid = (select oid from pg_database where datname = current_database())
          and s.subname ~ format('^trktr_sub_%s_\d+$', @self)
    ),
    (
        select 'slot ' || string_agg(r.slot_name, ', ' order by r.slot_name)
        from pg_replication_slots r
        where r.database = current_database()
          and r.slot_name ~ format('^trktr_sub_\d+_%s$', @self)
    ),
    (
        select 'replicated table ' || string_agg(format('%I.%I', r.schema_name, r.table_name), ', ')
        from trktr.replicaset r
    ),
    (
        select 'a join that is not over'
        from trktr.join_state j
    ))
