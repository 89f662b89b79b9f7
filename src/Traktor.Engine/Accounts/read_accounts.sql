-- The users and API keys of the mesh, and when each key was last used on this node.
select
    a.kind,
    a.name,
    a.role,
    a.secret_hash,
    a.expires,
    a.changed_at,
    a.changed_by,
    u.last_used_at
from trktr.accounts a
left join trktr.key_use u on a.kind = 'key' and u.name = a.name
order by a.kind, a.name
