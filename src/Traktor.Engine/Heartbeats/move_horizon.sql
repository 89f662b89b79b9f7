-- Notes how far everybody is (@horizon, null when that is not known), for the sessions that apply.
update trktr.horizon set xid = @horizon::xid8 where xid is distinct from @horizon::xid8
