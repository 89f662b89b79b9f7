-- Tables whose mark or filter triggers are not in the wanted state, or, with @names (pairs with @schemas), the state of
-- the named tables. Any version from 15.
select
    schema_name as schema,
    table_name as name,
    is_partitioned,
    wants_marks,
    wants_filter,
    is_marked,
    is_filtered,
    has_marks,
    has_filter
from trktr.marking
where case
    when cardinality(@names::text[]) > 0
        then (schema_name, table_name) in (select * from unnest(@schemas::text[], @names::text[]))
    else case when wants_marks then not is_marked else has_marks end
        or case when wants_filter then not is_filtered else has_filter end
end
order by 1, 2
