namespace Traktor.Engine.Schema;

/// <summary>
/// The script that takes back what <see cref="GrantsScript"/> granted, after which the role can be dropped.
/// </summary>
public static class RevocationScript
{
    /// <summary>The script, to be run in <paramref name="database"/>. It can be repeated.</summary>
    /// <param name="role">The arbiter's role.</param>
    /// <param name="database">This node's database.</param>
    /// <exception cref="RefusedException">A name is empty or contains a NUL.</exception>
    public static string For(string role, string database)
    {
        var privileges = new GrantedPrivileges(role, database, []);
        return $$"""
            -- Takes back what the script of `grants` granted to the arbiter's role in this database, in all schemas.
            -- DROP ROLE succeeds then.
            -- Take the node out of the mesh first (DELETE /v1/arbiter/control). Run it as a superuser in the node's database.
            -- All or nothing: it stops at the first error, even where the client would continue.
            BEGIN;

            DO {{privileges.Tag}}
            DECLARE
                {{privileges.Constants}}
                owned text;
                schema_name text;
                owner_name text;
            BEGIN
                {{GrantedPrivileges.RequireDatabase}}
                SELECT pg_describe_object(d.classid, d.objid, d.objsubid) INTO owned
                FROM pg_shdepend d
                WHERE d.refclassid = 'pg_authid'::regclass
                  AND d.refobjid = (SELECT oid FROM pg_roles WHERE rolname = the_role)
                  AND d.deptype = 'o'
                  AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = the_database))
                LIMIT 1;
                IF owned IS NOT NULL THEN
                    RAISE EXCEPTION 'The role % still owns %.', quote_ident(the_role), owned
                        USING HINT = 'Take the node out of the mesh: DELETE /v1/arbiter/control. Give other objects another owner.';
                END IF;
                FOR schema_name IN
                    SELECT n.nspname
                    FROM pg_namespace n
                    CROSS JOIN aclexplode(n.nspacl) a
                    JOIN pg_roles r ON r.oid = a.grantee
                    WHERE r.rolname = the_role
                      AND a.privilege_type = 'USAGE'
                LOOP
                    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I', schema_name, the_role);
                END LOOP;
                FOR schema_name, owner_name IN
                    {{GrantedPrivileges.Owners}}
                LOOP
                    IF owner_name <> the_role AND pg_has_role(the_role, owner_name, 'MEMBER') THEN
                        EXECUTE format('REVOKE %I FROM %I', owner_name, the_role);
                    END IF;
                END LOOP;
            END
            {{privileges.Tag}};

            ALTER ROLE {{privileges.Role}} NOLOGIN NOREPLICATION;
            {{privileges.Revoke()}}

            COMMIT;

            """.ReplaceLineEndings("\n");
    }
}
