-- Drops a slot of this database, if it exists.
select pg_drop_replication_slot(slot_name)
from pg_replication_slots
where slot_name = @slot
  and database = current_database()
