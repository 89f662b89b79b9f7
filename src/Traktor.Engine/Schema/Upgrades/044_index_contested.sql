-- The arbiter asks for what is known of some hundred keys at a time: in a storm, with tens of thousands that wait, each such question read all of them.
-- By a number made of the key, since a key may be longer than an index entry can be, and a hot one stands here a thousand times.
create index overwrite_log_key on trktr.overwrite_log (hashtextextended(key, 0));
create index winner_key on trktr.winner (hashtextextended(key, 0));
-- Looked at ten times a second, while the contested keys may be full of keys of which nothing waits.
create index contested_key_waiting on trktr.contested_key (touched) where is_unsent or is_unapplied and not is_incomplete
