namespace Traktor.Engine.Schema;

/// <summary>
/// The script with which a superuser prepares a role for the arbiter without making it a superuser. It requires
/// PostgreSQL 16, because on 15 only superusers create subscriptions. See
/// <see href="https://www.postgresql.org/docs/current/predefined-roles.html"/>.
/// </summary>
public static class GrantsScript
{
    /// <summary>The script, to be run in <paramref name="database"/>. It can be repeated.</summary>
    /// <param name="role">The arbiter's role. It is created, without a password, if it does not exist.</param>
    /// <param name="database">This node's database.</param>
    /// <param name="schemas">Schemas with tables to replicate. Empty: all except the system's and Traktor's.</param>
    /// <exception cref="RefusedException">A name is empty or contains a NUL.</exception>
    public static string For(string role, string database, IReadOnlyCollection<string> schemas)
    {
        var privileges = new GrantedPrivileges(role, database, schemas);
        return $$"""
            -- The privileges of the arbiter's role in this database, on PostgreSQL 16 and later; docs/privileges.md explains each line.
            -- Run it as a superuser in the node's database. Run it again after adding schemas, or owners of tables.
            -- All or nothing: it stops at the first error, even where the client would continue.
            BEGIN;

            DO {{privileges.Tag}}
            DECLARE
                {{privileges.Constants}}
                schema_name text;
                owner_name text;
            BEGIN
                IF current_setting('server_version_num')::int < 160000 THEN
                    RAISE EXCEPTION 'PostgreSQL 15 lets only superusers create subscriptions: make the role a superuser there, or upgrade.';
                END IF;
                {{GrantedPrivileges.RequireDatabase}}
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = the_role) THEN
                    EXECUTE format('CREATE ROLE %I', the_role);
                    RAISE NOTICE 'The role % is new and has no password yet: ALTER ROLE % PASSWORD ''...'';',
                        quote_ident(the_role), quote_ident(the_role);
                END IF;
                FOREACH schema_name IN ARRAY the_schemas LOOP
                    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = schema_name) THEN
                        RAISE EXCEPTION 'There is no schema % in this database.', quote_ident(schema_name);
                    END IF;
                    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, the_role);
                END LOOP;
                -- Publishing a table, its triggers and applying as its owner require membership in the owner's role.
                FOR schema_name, owner_name IN
                    {{GrantedPrivileges.Owners}}
                LOOP
                    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, the_role);
                    IF (SELECT rolsuper FROM pg_roles WHERE rolname = owner_name) THEN
                        RAISE WARNING 'Tables of the schema % belong to the superuser %. Membership in it would make the arbiter one: %',
                            quote_ident(schema_name), quote_ident(owner_name), 'give them another owner, and run this again.';
                    ELSIF owner_name <> the_role THEN
                        EXECUTE format('GRANT %I TO %I WITH INHERIT TRUE, SET TRUE', owner_name, the_role);
                    END IF;
                END LOOP;
            END
            {{privileges.Tag}};

            ALTER ROLE {{privileges.Role}} LOGIN REPLICATION;
            {{privileges.Grant()}}

            COMMIT;

            """.ReplaceLineEndings("\n");
    }
}
