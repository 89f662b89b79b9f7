-- New or changed conflicts, one JSON object each, lowest numbers first.
(
    select true as is_new, to_json(h)::text as entry
    from trktr.history h
    where h.id > @afterId
    order by h.id
    limit @limit
)
union all
(
    select true, to_json(h)::text
    from trktr.history h
    where h.id = any (@lateIds)
)
union all
(
    select false, to_json(h)::text
    from trktr.history h
    where h.revision > @afterRevision
    order by h.revision
    limit @limit
)
union all
(
    select false, to_json(h)::text
    from trktr.history h
    where h.revision = any (@lateRevisions)
)
