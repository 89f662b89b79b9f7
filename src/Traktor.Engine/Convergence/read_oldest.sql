-- The oldest heartbeat that everybody has to have acknowledged before something may be forgotten; null when nothing is there to be forgotten.
select min(touched) from trktr.contested_key where not is_unsent and (not is_unapplied or is_incomplete)
