-- Milliseconds for which the server would not start a worker if the subscription were enabled now (PostgreSQL 15).
select least(s.setting::integer, greatest(0, s.setting::integer - extract(epoch from clock_timestamp() - o.healing_since) * 1000))::integer
from pg_settings s
cross join trktr.subscription o
where s.name = 'wal_retrieve_retry_interval' and o.inbound_node = @inbound
