-- Records how far every node is (@stable, null when that is not known), for the sessions that apply.
update trktr.stable_xid
set xid = @stable::xid8
where xid is distinct from @stable::xid8
