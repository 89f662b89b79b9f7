-- Numbers every change of a history row after its insert, so that a reader of the feed finds what was decided and resolved since. Always on: who heals runs as a replica.
create sequence trktr.history_revision;
create function trktr.count_revision() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    new.revision := nextval('trktr.history_revision');
    return new;
end
$$;
create trigger count_revision before update on trktr.history for each row execute function trktr.count_revision();
alter table trktr.history enable always trigger count_revision;
create unique index history_revision_key on trktr.history (revision) where revision is not null;
