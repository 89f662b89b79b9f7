-- The subscriptions that receive whatever is committed from now on, each by the publication that was made for it when
-- its subscriber registered: one that is made anew has another. A slot without a confirmed position still waits for
-- running transactions, and sends nothing that is committed meanwhile. Any version from 15.
select p.oid::bigint
from pg_replication_slots s
join pg_publication p on p.pubname = 'trktr_pub_to_' || substring(s.slot_name from '^trktr_sub_(\d+)_')
where s.database = current_database()
  and s.slot_name ~ format('^trktr_sub_\d+_%s$', @node)
  and s.confirmed_flush_lsn is not null
