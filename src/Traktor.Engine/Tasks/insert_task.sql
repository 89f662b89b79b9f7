-- Adds a task and returns its number.
insert into trktr.task (kind, target, request, actor_kind, actor, role, address)
values (@kind, @target, @request::jsonb, @actorKind, @actor, @role, @address)
returning id
