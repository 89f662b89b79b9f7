-- Stores a subscriber's report about a table that is being opened.
insert into trktr.subscriber_table (node_id, schema_name, table_name, opening, stage, reason)
values (@node, @schema, @name, @opening, @stage, @reason)
on conflict (node_id, schema_name, table_name) do update
set opening = excluded.opening,
    stage = excluded.stage,
    reason = excluded.reason,
    reported = clock_timestamp()
