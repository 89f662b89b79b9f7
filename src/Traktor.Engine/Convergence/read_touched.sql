-- The heartbeats that everybody has to have heard before something may be forgotten.
select distinct touched from trktr.register where not is_owed and (not is_due or is_partial)
