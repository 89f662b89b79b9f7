-- Everybody has every version of a row here whose xmin is older than this transaction. Null: nothing is known to be everywhere.
create table trktr.stable_xid (
    singleton boolean primary key default true check (singleton),
    xid       xid8
) with (fillfactor = 20);
insert into trktr.stable_xid default values
