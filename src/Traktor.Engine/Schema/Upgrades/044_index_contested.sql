-- The arbiter asks for what is known of some hundred keys at a time: in a storm, with tens of thousands that wait, each such question read all of them.
-- By a number made of the key, since a key may be longer than an index entry can be, and a hot one stands here a thousand times.
create index journal_key on trktr.journal (hashtextextended(key, 0));
create index verdict_key on trktr.verdict (hashtextextended(key, 0));
-- Looked at ten times a second, while the register may be full of keys of which nothing waits.
create index register_waiting on trktr.register (touched) where is_owed or is_due and not is_partial
