-- Stores the stable xid (@stable, null when unknown) for the sessions that apply.
update trktr.stable_xid
set xid = @stable::xid8
where xid is distinct from @stable::xid8
