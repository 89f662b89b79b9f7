-- The triggers run with the rights of the table's owner, who may see whether a key of his own tables is contested.
grant select on trktr.contested_key to public;
alter table trktr.contested_key enable row level security;

drop policy if exists read_own on trktr.contested_key;
create policy read_own on trktr.contested_key
    for select
    using (trktr.has_privilege_on(schema_name, table_name, 'own'));
