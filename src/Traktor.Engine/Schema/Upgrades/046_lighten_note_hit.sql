-- As 032 made it, for half the time: in a storm every conflict that is healed comes through here, and in every transaction each expression and statement of a function is made ready anew.
-- The node of a stamp is looked up only where the session does not know it; trktr.formats says that the session writes values as trktr.image does anyway.
-- The check of the operation was made ready for every row as well; what it held is held here and in detect_key.
alter table trktr.overwrite_log drop constraint overwrite_log_operation_check;
-- Whether a large value is equal before and after a change: it was perhaps not sent, and filled in from the row that is here.
create function trktr.keeps_large(relation oid, old_image json, new_image json) returns boolean
    language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from json_each_text(old_image) o
        join json_each_text(new_image) n on n.key = o.key and n.value = o.value
        join pg_attribute a on a.attrelid = relation and a.attname = o.key and a.attlen = -1 and a.attstorage <> 'p');
end
$$;
create or replace function trktr.log_overwrite(names text[], old_xmin xid, relation oid, old_version record, new_version record) returns void
    language plpgsql set search_path = pg_catalog, pg_temp set row_security = on
as $$
declare
    peer      integer;
    stamp_at  timestamptz;
    stamp_by  oid;
    old_node  integer;
    is_known  boolean;
    own       integer;
    is_large  boolean;
    old_image json;
    new_image json;
    old_key   text;
    new_key   text;
    old_part  boolean;
    new_part  boolean := false;
begin
    -- ALTER TABLE … ENABLE TRIGGER ALL lets the trigger fire everywhere until the arbiter has put it right; and what the arbiter restores is no news to it.
    if current_setting('session_replication_role') <> 'replica' or current_setting('trktr.restoring', true) = 'on' then
        return;
    end if;
    if coalesce(current_setting('trktr.origin', true), '') = '' then
        perform trktr.know_stream();
    end if;
    peer := coalesce(nullif(nullif(current_setting('trktr.peer', true), ''), 'none')::integer, trktr.stream_peer());
    stamp_at := pg_xact_commit_timestamp(old_xmin);
    if stamp_at is null and age(old_xmin) <= age(pg_current_xact_id()::xid) then
        -- Written by this very transaction: nobody saw that version, but if the key was noted before, what becomes of it in the end has to be known.
        if not exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id()) then
            return;
        end if;
    else
        -- Null for this node; a version whose stamp is forgotten is older than all that count.
        stamp_by := coalesce((pg_xact_commit_timestamp_origin(old_xmin)).roident, 0);
        old_node := case stamp_by when 0 then null when nullif(current_setting('trktr.origin', true), '')::oid then peer else trktr.node_of(stamp_by) end;
        -- A node's own delete of what it wrote is ordinary, unless that may have been noted as the winner a moment ago: nobody else would know that it was taken back.
        -- Where the table's policy goes before time, what the healer overrides by it was decided the same everywhere.
        is_known := stamp_at is null
            or coalesce(current_setting('trktr.healing', true), '') = 'final'
            or coalesce(old_node = peer, false) and (new_version is distinct from null or coalesce(current_setting('trktr.quiet', true), '') = 'on')
            or age(old_xmin) > age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid);
        if is_known then
            if not exists (select from trktr.contested_key r where r.schema_name = names[0] and r.table_name = names[1]) then
                return;
            end if;
        end if;
    end if;

    if coalesce(current_setting('trktr.formats', true), '') = 'on' then
        old_image := row_to_json(old_version);
        new_image := row_to_json(new_version);
    else
        old_image := trktr.image(old_version);
        new_image := trktr.image(new_version);
    end if;
    old_key := case when array_upper(names, 1) = 2 then jsonb_build_object(names[2], old_image ->> names[2])::text else trktr.key_of(old_image, names[2:]) end;
    if is_known then
        if not exists (select from trktr.contested_key r where r.schema_name = names[0] and r.table_name = names[1] and r.key = old_key) then
            return;
        end if;
    end if;
    perform set_config('trktr.quiet', '', false);
    -- A value that the peer did not send is filled in from the row that is here, whatever size it has here: only a table without any large value is safe.
    select i.node_id, coalesce((select pg_relation_size(nullif(c.reltoastrelid, 0)) > 0 from pg_class c where c.oid = relation), false) into own, is_large from trktr.identity i;
    if is_known is not null then
        old_node := coalesce(old_node, own);
    end if;
    old_part := coalesce(is_large and old_node <> own, false);
    if is_large and new_version is distinct from null then
        new_part := trktr.keeps_large(relation, old_image, new_image);
    end if;
    if is_known is null then
        -- Of a version that this transaction wrote itself neither is known, nor noted.
        old_image := null;
    end if;
    if new_version is not distinct from null then
        insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, peer)
        values (names[0], names[1], old_key, 'D', old_image, stamp_at, old_node, old_part, peer);
        return;
    end if;

    new_key := case when array_upper(names, 1) = 2 then jsonb_build_object(names[2], new_image ->> names[2])::text else trktr.key_of(new_image, names[2:]) end;
    if new_key = old_key then
        insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values (names[0], names[1], old_key, 'U', old_image, stamp_at, old_node, old_part, new_image, new_part, peer);
    else
        insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values (names[0], names[1], old_key, 'D', old_image, stamp_at, old_node, old_part, null, false, peer),
               (names[0], names[1], new_key, 'I', null, null, null, false, new_image, new_part, peer);
    end if;
end
$$
