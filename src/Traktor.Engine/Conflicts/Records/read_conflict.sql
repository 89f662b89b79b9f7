-- One conflict, its transaction, and the ids of that transaction's other conflicts that need a decision.
select
    to_json(h)::text as conflict,
    (
        select to_json(t)::text
        from trktr.remote_transaction t
        where t.subscription = h.subscription
          and t.lsn = h.lsn
    ) as transaction,
    coalesce(
        (
            select json_agg(o.id order by o.ordinal)
            from trktr.history o
            where o.subscription = h.subscription
              and o.lsn = h.lsn
              and o.id <> h.id
              and o.resolved is null
              and o.decision is null
        ),
        '[]')::text as undecided
from trktr.history h
where h.id = @id
