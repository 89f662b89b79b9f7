-- Inserts the next state of an account as this node's row. It is newer than the one before, also where that was written
-- by a node whose clock is ahead.
insert into trktr.account (node_id, kind, name, role, secret_hash, expires, is_removed, changed_at, changed_by)
values (
    @node,
    @kind,
    @name,
    @role,
    @hash,
    @expires,
    @isRemoved,
    greatest(clock_timestamp(), @before::timestamptz + interval '1 microsecond'),
    @by)
