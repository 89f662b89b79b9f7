-- How many resolved conflicts were purged when they had become old, so that the count of all that were ever resolved does not fall.
create table trktr.history_purged (
    singleton boolean primary key default true check (singleton),
    entries   bigint not null default 0
);
insert into trktr.history_purged default values;
