-- The oldest heartbeat that everybody has to have heard before something may be forgotten; null when nothing is there to be forgotten.
select min(touched) from trktr.register where not is_owed and (not is_due or is_partial)
