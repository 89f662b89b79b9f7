-- Notes when keys were last used here; forgets keys that no longer exist.
with gone as (
    delete from trktr.key_use u
    where not exists (select from trktr.accounts a where a.kind = 'key' and a.name = u.name)
)
insert into trktr.key_use (name, last_used_at)
select k.name, k.at
from unnest(@names, @times) as k (name, at)
where exists (select from trktr.accounts a where a.kind = 'key' and a.name = k.name)
on conflict (name) do update
set last_used_at = greatest(trktr.key_use.last_used_at, excluded.last_used_at)
