-- Logs a change of a version that its writer may not have seen, or of a contested key, in trktr.overwrite_log.
-- names: the schema, the table (the root of partitions), and the columns of the key. The same decision in C#:
-- OverwriteRules, which the simulation runs, and OverwriteLog, for the healer's statements that write many rows. Under
-- many conflicts every healed one comes through here, and each expression of a function is prepared again in every
-- transaction: fewer expressions matter more than short ones. row_security: the healing sessions have it off, which
-- makes the policies of Traktor's tables an error.
-- Called by: detect_update, detect_delete.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.origin, trktr.peer, trktr.healer_records, trktr.overwrite_log_empty,
--            trktr.stable_xid and trktr.image_formats; clears trktr.overwrite_log_empty for the session.
create or replace function trktr.log_overwrite(
    names text[],
    old_xmin xid,
    relation oid,
    old_version record,
    new_version record) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set row_security = on
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
    is_plain  boolean;
    done      text;
begin
    -- ALTER TABLE ENABLE TRIGGER ALL makes the trigger fire in every session until the arbiter corrects it.
    if current_setting('session_replication_role') <> 'replica' then
        return;
    end if;
    if coalesce(current_setting('trktr.origin', true), '') = '' then
        perform trktr.set_stream_settings();
    end if;
    peer := coalesce(nullif(nullif(current_setting('trktr.peer', true), ''), 'none')::integer, trktr.stream_peer());
    -- The first test of stamped_at, without the call.
    stamp_at := case
        when pg_relation_filenode(relation) = relation then pg_xact_commit_timestamp(old_xmin)
        else trktr.stamped_at(relation, old_xmin)
    end;
    if stamp_at is null and age(old_xmin) <= age(pg_current_xact_id()::xid) then
        -- Written by this transaction: no other session saw that version. But if the transaction has logged anything,
        -- its last version of the row must be known.
        if not exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id()) then
            return;
        end if;
    else
        -- Null for this node. A version without a timestamp is old enough for every node to have it.
        stamp_by := coalesce((pg_xact_commit_timestamp_origin(old_xmin)).roident, 0);
        old_node := case stamp_by
            when 0 then null
            when nullif(current_setting('trktr.origin', true), '')::oid then peer
            else trktr.node_of(stamp_by)
        end;
        -- A node's own delete of its version, or change of its key, is ordinary, unless the version may have just been
        -- announced as the winner: no other node would know that its own node deleted it. Where the table's policy does
        -- not go by time, every node decides what the healer overwrites in the same way, unless a rewrite of the table
        -- has erased the version's stamp.
        is_known := stamp_at is null
            or coalesce(current_setting('trktr.healer_records', true), '') = 'final'
                and stamp_at >= '1970-01-02 00:00:00+00'
            or coalesce(old_node = peer, false)
                and (coalesce(current_setting('trktr.overwrite_log_empty', true), '') = 'on'
                    or new_version is distinct from null and trktr.keeps_key(names, old_version, new_version))
            or age(old_xmin) > age(coalesce(nullif(current_setting('trktr.stable_xid', true), ''), '0')::xid);
    end if;

    -- Most servers have the formats of trktr.image already. To set them costs as much as all the rest.
    is_plain := coalesce(current_setting('trktr.image_formats', true), '') = 'on'
        or current_setting('TimeZone') in ('UTC', 'Etc/UTC')
            and left(current_setting('DateStyle'), 3) = 'ISO'
            and current_setting('IntervalStyle') = 'postgres'
            and current_setting('extra_float_digits') in ('1', '2', '3')
            and current_setting('bytea_output') = 'hex';
    if is_plain then
        old_image := row_to_json(old_version);
        if strpos(old_image::text, '\u') > 0 then
            old_image := trktr.escape_json(old_image);
        end if;
    else
        old_image := trktr.image(old_version);
    end if;
    old_key := case
        when array_upper(names, 1) = 2 then jsonb_build_object(names[2], old_image ->> names[2])::text
        else trktr.key_of(old_image, names[2:])
    end;
    if is_known then
        if not exists (
            select
            from trktr.contested_key r
            where r.schema_name = names[0]
              and r.table_name = names[1]
              and r.key = old_key) then
            return;
        end if;
    end if;
    if is_plain then
        new_image := row_to_json(new_version);
        if strpos(new_image::text, '\u') > 0 then
            new_image := trktr.escape_json(new_image);
        end if;
    else
        new_image := trktr.image(new_version);
    end if;
    done := set_config('trktr.overwrite_log_empty', '', false);
    -- A value that the peer did not send is filled in from the local row, whatever its size: only a table without any
    -- TOASTed value is safe.
    select
        i.node_id,
        coalesce(
            (
                select pg_relation_size(nullif(c.reltoastrelid, 0)) > 0
                from pg_class c
                where c.oid = relation
            ),
            false)
    into own, is_large
    from trktr.identity i;
    if is_known is not null then
        old_node := coalesce(old_node, own);
    end if;
    old_part := coalesce(is_large and old_node <> own, false);
    if is_large and new_version is distinct from null then
        new_part := trktr.has_unchanged_toast(relation, old_image, new_image);
    end if;
    if is_known is null then
        -- A version that this transaction wrote itself is logged without its image and stamp.
        old_image := null;
    end if;
    if new_version is not distinct from null then
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, peer)
        values (
            names[0], names[1], old_key, 'D', old_image, stamp_at, old_node, old_part, peer);
        return;
    end if;

    new_key := case
        when array_upper(names, 1) = 2 then jsonb_build_object(names[2], new_image ->> names[2])::text
        else trktr.key_of(new_image, names[2:])
    end;
    if new_key = old_key then
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values (
            names[0], names[1], old_key, 'U', old_image, stamp_at, old_node, old_part, new_image, new_part, peer);
    else
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_incomplete, peer)
        values
            (names[0], names[1], old_key, 'D', old_image, stamp_at, old_node, old_part, null, false, peer),
            (names[0], names[1], new_key, 'I', null, null, null, false, new_image, new_part, peer);
    end if;
end
$$;
