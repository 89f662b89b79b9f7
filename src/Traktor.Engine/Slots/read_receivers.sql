-- The subscriptions that receive whatever is committed from now on, each as the oid of the publication that was created
-- when its subscriber registered; a new subscription has a new publication. A slot without a confirmed position still
-- waits for running transactions and does not send what is committed meanwhile. Any version from 15.
select p.oid::bigint
from pg_replication_slots s
join pg_publication p on p.pubname = 'trktr_pub_to_' || substring(s.slot_name from '^trktr_sub_(\d+)_')
where s.database = current_database()
  and s.slot_name ~ format('^trktr_sub_\d+_%s$', @node)
  and s.confirmed_flush_lsn is not null
