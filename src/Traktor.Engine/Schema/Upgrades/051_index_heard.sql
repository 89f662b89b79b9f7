-- The oldest key that may be forgotten is looked for at each heartbeat. While a node is away they gather, and none may be.
create index register_heard on trktr.register (touched) where not is_owed and (not is_due or is_partial)
