-- Whether silent conflicts of a table are looked for: an operator can exempt one whose rows are never written in two places.
alter table trktr.replicaset add column detector boolean not null default true
