-- Slots on peers that nothing here uses any more, or that are being made: to be dropped when the peer can be reached, or they fill its disk.
create table trktr.orphaned_slot (
    inbound_node      integer primary key,
    connection_string text not null,
    since             timestamptz not null default clock_timestamp()
);
