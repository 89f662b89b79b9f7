-- How much waits to be converged: changes in the journal, contested keys, verdicts that arrived; counted up to @most of each.
select
    (select count(*) from (select from trktr.journal limit @most) j) as journal,
    (select count(*) from (select from trktr.register limit @most) r) as register,
    (select count(*) from (select from trktr.verdict limit @most) v) as verdicts
