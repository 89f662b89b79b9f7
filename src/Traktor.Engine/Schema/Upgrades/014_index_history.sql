-- Pages run by id; these serve the list of what waits (empty where all is healed by policy, and then it costs nothing) and pages of one table.
create index history_pending on trktr.history (id) where resolved is null;
create index history_relation on trktr.history (relation, id);
