-- A page of conflicts, newest first, one JSON object each. Recorded keys have JSON values or text, depending on which
-- worker recorded them.
select to_json(h)::text
from trktr.history h
where (@before::bigint is null or h.id < @before)
  and (@resolved::boolean is null or (h.resolved is not null) = @resolved)
  and (@relations::text[] is null or h.relation = any (@relations))
  and (@type::text is null or h.conflict_type = @type)
  and (@peer::integer is null or h.peer = @peer)
  and (@subscription::text is null or h.subscription = @subscription)
  and (@since::timestamptz is null or h.occurred >= @since)
  and (@until::timestamptz is null or h.occurred < @until)
  and (@key::jsonb is null
      or (select jsonb_object_agg(v.key, v.value) from jsonb_each_text(h.key) v)
          = (select jsonb_object_agg(v.key, v.value) from jsonb_each_text(@key::jsonb) v))
order by h.id desc
limit @limit
