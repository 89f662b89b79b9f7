-- Notes a change that hits a version which its writer may not have known, or a key that is contested. names: schema, table (the root of partitions), and the columns of the key, as the triggers' arguments.
-- Runs with the rights of whoever applies: of the table's owner, on 16 and later. The same decision in words that can be simulated: OverwriteRules.
-- row_security: the arbiter's own sessions that apply have it off, where the policies of our tables would be an error.
create function trktr.log_overwrite(names text[], old_xmin xid, relation oid, old_version record, new_version record) returns void
    language plpgsql set search_path = pg_catalog, pg_temp set row_security = on
as $$
declare
    own       constant integer := trktr.node_of(0);
    peer      constant integer := trktr.stream_peer();
    stamp_at  timestamptz;
    stamp_by  oid;
    old_node  integer;
    is_known  boolean;
    old_image json;
    new_image json;
    old_key   text;
    new_key   text;
    is_large  boolean;
    old_part  boolean := false;
    new_part  boolean := false;
begin
    -- ALTER TABLE … ENABLE TRIGGER ALL lets the trigger fire everywhere until the arbiter has put it right; and what the arbiter restores is no news to it.
    if current_setting('session_replication_role') <> 'replica' or current_setting('trktr.restoring', true) = 'on' then
        return;
    end if;
    select s.timestamp, s.roident into stamp_at, stamp_by from pg_xact_commit_timestamp_origin(old_xmin) s;
    if stamp_at is null and age(old_xmin) <= age(pg_current_xact_id()::xid) then
        -- Written by this very transaction: nobody saw that version, but if the key was noted before, what becomes of it in the end has to be known.
        if not exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id()) then
            return;
        end if;
    else
        -- A version whose stamp is forgotten is older than all that count.
        old_node := coalesce(trktr.node_of(stamp_by), own);
        -- A node's own delete of what it wrote is ordinary, unless that may have been noted as the winner a moment ago: nobody else would know that it was taken back.
        -- Where the table's policy goes before time, what the healer overrides by it was decided the same everywhere.
        is_known := stamp_at is null
            or coalesce(current_setting('trktr.healing', true), '') = 'final'
            or old_node = peer and (new_version is distinct from null or coalesce(current_setting('trktr.quiet', true), '') = 'on')
            or age(old_xmin) > age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid);
        if is_known and not exists (select from trktr.contested_key r where r.schema_name = names[0] and r.table_name = names[1]) then
            return;
        end if;
    end if;

    old_image := trktr.image(old_version);
    old_key := trktr.key_of(old_image, names[2:]);
    if is_known and not exists (select from trktr.contested_key r where r.schema_name = names[0] and r.table_name = names[1] and r.key = old_key) then
        return;
    end if;
    perform set_config('trktr.quiet', '', false);
    -- A value that the peer did not send is filled in from the row that is here, whatever size it has here: only a table without any large value is safe.
    is_large := coalesce((select pg_relation_size(nullif(c.reltoastrelid, 0)) > 0 from pg_class c where c.oid = relation), false);
    -- Of a version that this transaction wrote itself neither is known, nor noted.
    old_part := coalesce(is_large and old_node <> own, false);
    if new_version is not distinct from null then
        insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, peer)
        values (names[0], names[1], old_key, 'D', case when old_node is not null then old_image end, stamp_at, old_node, old_part, peer);
        return;
    end if;

    new_image := trktr.image(new_version);
    new_key := trktr.key_of(new_image, names[2:]);
    if is_large then
        -- A large value that is equal before and after was perhaps not sent, and filled in from the row that is here.
        new_part := exists (
            select from json_each_text(old_image) o
            join json_each_text(new_image) n on n.key = o.key and n.value = o.value
            join pg_attribute a on a.attrelid = relation and a.attname = o.key and a.attlen = -1 and a.attstorage <> 'p');
    end if;
    if new_key = old_key then
        insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values (names[0], names[1], old_key, 'U', case when old_node is not null then old_image end, stamp_at, old_node, old_part, new_image, new_part, peer);
    else
        insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values (names[0], names[1], old_key, 'D', case when old_node is not null then old_image end, stamp_at, old_node, old_part, null, false, peer),
               (names[0], names[1], new_key, 'I', null, null, null, false, new_image, new_part, peer);
    end if;
end
$$;
-- On every replicated table, for changes that are applied. One expression, for that is what it costs; stable, so that it is evaluated without a snapshot of its own.
-- The advisory lock is held by the arbiter as long as it lives and nothing is contested: who gets it has to look the key up.
create function trktr.detect_update() returns trigger
    language plpgsql stable
as $$
begin
    if (age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
        or (pg_xact_commit_timestamp_origin(old.xmin)).roident = nullif(current_setting('trktr.origin', true), '')::oid)
       and not pg_try_advisory_xact_lock_shared(7824051, 1) then
        return new;
    end if;
    perform trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, new);
    return new;
end
$$;
create function trktr.detect_delete() returns trigger
    language plpgsql stable
as $$
begin
    if (age(old.xmin) > age(nullif(current_setting('trktr.stable_xid', true), '')::xid)
        or current_setting('trktr.quiet', true) = 'on'
            and (pg_xact_commit_timestamp_origin(old.xmin)).roident = nullif(current_setting('trktr.origin', true), '')::oid)
       and not pg_try_advisory_xact_lock_shared(7824051, 1) then
        return old;
    end if;
    perform trktr.log_overwrite(tg_argv, old.xmin, tg_relid, old, null);
    return old;
end
$$;
-- In the application's own sessions, only for an update that really changes the key: the row under its new key hits nothing anywhere, and may be missed where the old one is gone.
create function trktr.detect_key() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp set row_security = on
as $$
declare
    new_image constant json := trktr.image(new);
begin
    insert into trktr.overwrite_log (schema_name, table_name, key, operation, new_row)
    values (tg_argv[0], tg_argv[1], trktr.key_of(new_image, tg_argv[2:]), 'I', new_image);
    return null;
end
$$
