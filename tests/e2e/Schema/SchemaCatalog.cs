using Npgsql;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Schema;

/// <summary>
/// What the catalogs say of schema trktr and our publications: two databases whose texts are equal have the same
/// schema.
/// </summary>
internal static class SchemaCatalog
{
    private const string Query = """
        with c as (
            select * from pg_class where relnamespace = 'trktr'::regnamespace
        )
        select format('schema %s', nspacl) from pg_namespace where nspname = 'trktr'
        union all
        select format('relation %s %s %s %s %s %s', relname, relkind, relreplident, reloptions, relrowsecurity, relacl)
        from c where relkind <> 'i'
        union all
        select format('column %s.%s %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            a.attidentity, pg_get_expr(d.adbin, d.adrelid), a.attacl)
        from pg_attribute a join c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped
        union all
        select format('index %s', pg_get_indexdef(i.indexrelid)) from pg_index i join c on c.oid = i.indrelid
        union all
        select format('constraint %s %s %s', k.conname, c.relname, pg_get_constraintdef(k.oid))
        from pg_constraint k join c on c.oid = k.conrelid
        union all
        select format('policy %s %s %s %s %s', c.relname, p.polname, p.polcmd, pg_get_expr(p.polqual, c.oid),
            pg_get_expr(p.polwithcheck, c.oid))
        from pg_policy p join c on c.oid = p.polrelid
        union all
        select format('trigger %s %s', t.tgenabled, pg_get_triggerdef(t.oid))
        from pg_trigger t join c on c.oid = t.tgrelid
        where not t.tgisinternal
        union all
        select format('view %s %s', c.relname, pg_get_viewdef(c.oid)) from c where c.relkind = 'v'
        union all
        select format('function %s %s', p.proacl, pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace = 'trktr'::regnamespace
        union all
        select format('publication %s %s %s', p.pubname, p.pubtruncate, (
            select string_agg(r.prrelid::regclass::text, ' ' order by 1) from pg_publication_rel r where r.prpubid = p.oid))
        from pg_publication p where p.pubname ~ '^trktr_'
        union all
        select format('script %s %s', path, hash) from trktr.schema_script
        union all
        select format('version %s', schema_version) from trktr.identity
        order by 1
        """;

    public static async Task<string> ReadAsync(NpgsqlConnection connection)
    {
        await connection.ExecuteAsync("set search_path = pg_catalog");
        return await connection.ScalarAsync<string>($"select string_agg(line, E'\\n') from ({Query}) s (line)") ?? "";
    }
}
