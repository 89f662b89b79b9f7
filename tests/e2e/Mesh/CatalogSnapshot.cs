namespace Traktor.E2ETests.Mesh;

/// <summary>
/// All objects in the catalogs of a node's server that an arbiter could have made, to tell whether it left anything.
/// </summary>
internal static class CatalogSnapshot
{
    private const string Query = """
        select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp_'
        union all
        select format('relation %s.%s', relnamespace::regnamespace, relname)
        from pg_class
        where relnamespace <> 'pg_toast'::regnamespace
        union all select 'function ' || oid::regprocedure from pg_proc
        union all
        select format('type %s.%s', typnamespace::regnamespace, typname)
        from pg_type
        where typnamespace <> 'pg_toast'::regnamespace
        union all select format('trigger %s on %s', tgname, tgrelid::regclass) from pg_trigger
        union all
        select format('column %s of %s', attname, attrelid::regclass)
        from pg_attribute
        where attrelid >= 16384
          and attnum > 0
          and not attisdropped
          and attrelid::regclass::text !~ '^pg_toast'
        union all select 'event trigger ' || evtname from pg_event_trigger
        union all select 'extension ' || extname from pg_extension
        union all select 'role ' || rolname from pg_roles
        union all select 'default acl ' || oid from pg_default_acl
        union all select 'database setting ' || setconfig::text from pg_db_role_setting
        union all select 'publication ' || pubname from pg_publication
        union all select 'subscription ' || subname from pg_subscription
        union all select 'slot ' || slot_name from pg_replication_slots
        union all select 'origin ' || roname from pg_replication_origin
        order by 1
        """;

    public static Task<string> TakeAsync(MeshNode node) => node.TextAsync(Query);
}
