-- Ends the connection that uses a slot of this database.
select pg_terminate_backend(active_pid)
from pg_replication_slots
where slot_name = @slot
  and database = current_database()
  and active_pid is not null
