-- The oldest key that may be forgotten is looked for at each heartbeat. While a node is away they gather, and none may be.
create index contested_key_touched on trktr.contested_key (touched) where not is_unsent and (not is_unapplied or is_incomplete)
