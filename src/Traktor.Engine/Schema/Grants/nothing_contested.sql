-- The triggers run with the rights of the table's owner. Who may only read a sequence can neither change nor lock it.
grant select on trktr.nothing_contested to public;
