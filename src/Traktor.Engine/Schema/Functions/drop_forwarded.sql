-- Drops a row that the peer merely forwards.
-- Called by: the trigger !trktr_filter of each table that arrives in a filtered stream, for rows that are applied,
--            before all other triggers.
-- Session:   an apply worker's; the healer's.
-- Rights:    of the table's owner, on PostgreSQL 16 and later; else the arbiter's.
-- Settings:  reads trktr.stream_filter.
create or replace function trktr.drop_forwarded() returns trigger
    language plpgsql
as $$
begin
    if current_setting('trktr.stream_filter', true) = 'pass'
        or coalesce(current_setting('trktr.stream_filter', true), '') = '' and trktr.set_stream_filter() = 'pass' then
        if tg_op = 'DELETE' then
            return old;
        end if;
        return new;
    end if;
    return null;
end
$$;
