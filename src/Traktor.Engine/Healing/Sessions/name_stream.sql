-- Tells the triggers on the users' tables whose changes this session applies, under which origin, and how far every
-- node is; heartbeats in the stream go on from there.
select
    set_config('trktr.peer', @inbound::text, false),
    set_config('trktr.origin', @origin::text, false),
    set_config('trktr.stable_xid', coalesce((select h.xid::xid::text from trktr.stable_xid h), '0'), false)
