-- The users and API keys of the mesh: of the rows that the nodes have written, the newest of each.
create or replace view trktr.accounts as
select
    kind,
    name,
    role,
    secret_hash,
    expires,
    changed_at,
    changed_by
from (
    select distinct on (kind, name) *
    from trktr.account
    order by kind, name, changed_at desc, node_id desc) newest
where not is_removed;
