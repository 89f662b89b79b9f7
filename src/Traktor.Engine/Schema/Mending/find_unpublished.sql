-- Tables of ours that should be in a publication of ours and are not, each with the statement that adds it.
select
    format('table trktr.%s in %s', t.name, t.publication) as object,
    format('alter publication %I add table trktr.%I', t.publication, t.name) as statement
from (
    values
        ('trktr_pub', 'node'),
        ('trktr_pub', 'account'),
        ('trktr_pub', 'audit'),
        ('trktr_pub', 'truncation'),
        ('trktr_pub_origin_marks', 'origin_mark')) as t (publication, name)
join pg_publication p on p.pubname = t.publication
where not exists (
    select
    from pg_publication_tables pt
    where pt.pubname = t.publication
      and pt.schemaname = 'trktr'
      and pt.tablename = t.name)
