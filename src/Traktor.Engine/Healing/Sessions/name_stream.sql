-- Sets, for the triggers on the users' tables, whose changes this session applies, the origin, and the stable xid.
-- Heartbeats in the stream advance the stable xid from there.
select
    set_config('trktr.peer', @inbound::text, false),
    set_config('trktr.origin', @origin::text, false),
    set_config('trktr.stable_xid', coalesce((select h.xid::xid::text from trktr.stable_xid h), '0'), false)
