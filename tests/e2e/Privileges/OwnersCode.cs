using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A role without rights, and a table of its own with code in every place that PostgreSQL lets it put some. The code
/// attacks only in the arbiter's sessions: before PostgreSQL 16 the server's own apply worker runs it as the
/// subscription's owner, which is a superuser there (runtime privileges of logical replication, in the manual).
/// </summary>
internal static class OwnersCode
{
    public const string Role = "mallory";
    public const string Table = "den.item";

    /// <summary>Everything but the attack: <c>den.attack()</c> does nothing yet.</summary>
    public const string Create = $$"""
        create role {{Role}};
        create schema den authorization {{Role}};
        set role {{Role}};
        create function den.attack() returns void language plpgsql as 'begin end';
        create function den.go() returns boolean language plpgsql as $f$
        begin
            if current_setting('application_name') like any (array['%\_heal', 'traktor%']) then
                perform den.attack();
            end if;
            return true;
        end $f$;
        create function den.mark(n integer) returns integer language plpgsql immutable as
            'begin return case when den.go() then n end; end';
        create function den.fire() returns trigger language plpgsql as
            'begin perform den.go(); return case when tg_op = ''DELETE'' then old else new end; end';
        create domain den.amount as integer check (den.go());
        create type den.pair as (a integer, b integer);
        create function den.pair_as_json(p den.pair) returns json language plpgsql as
            'begin perform den.go(); return json_build_array(p.a, p.b); end';
        create cast (den.pair as json) with function den.pair_as_json(den.pair);
        create table den.item (
            id integer primary key,
            code text unique,
            n den.amount,
            p den.pair,
            note text,
            twice integer generated always as (den.mark(id)) stored,
            own integer default den.mark(0),
            check (den.mark(id) = id));
        create index on den.item (den.mark(id));
        create unique index on den.item (id) where den.mark(id) > 0;
        create trigger fire before insert or update or delete on den.item for each row execute function den.fire();
        alter table den.item enable always trigger fire;
        create trigger fire_after after insert or update or delete on den.item for each row execute function den.fire();
        alter table den.item enable always trigger fire_after;
        create trigger fire_truncate before truncate on den.item for each statement execute function den.fire();
        alter table den.item enable always trigger fire_truncate;
        reset role
        """;

    /// <summary>Has the code try to step out of the rights that it has, and fail where it has others than its own.</summary>
    public static readonly string StepOut = Attack(
        """
        begin perform set_config('role', 'none', true); exception when others then null; end;
        begin reset role; exception when others then null; end;
        begin set session authorization default; exception when others then null; end;
        begin alter role mallory superuser; exception when others then null; end;
        begin set session_replication_role = origin; exception when others then null; end;
        begin
            execute (
                select format('alter function %s security invoker', p.oid::regprocedure)
                from pg_proc p
                where p.proowner = 'mallory'::regrole and p.prosecdef
                limit 1);
            raise exception 'mallory changed a function of the arbiter';
        exception when insufficient_privilege or null_value_not_allowed or read_only_sql_transaction then null;
        end;
        if current_user <> 'mallory' or exists (select from pg_roles where rolname = 'mallory' and rolsuper) then
            raise exception 'the code of mallory runs as %', current_user;
        end if;
        """
    );

    /// <summary>Replaces the attack by other statements in PL/pgSQL.</summary>
    public static string Attack(string statements) =>
        $"""
            set role {Role};
            create or replace function den.attack() returns void language plpgsql as $f$ begin {statements} end $f$;
            reset role
            """;

    /// <summary>No node may ever answer anything but "False".</summary>
    public static async Task AssertHarmlessAsync(TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
            Assert.Equal("False", await node.TextAsync($"select rolsuper from pg_roles where rolname = '{Role}'"));
    }

    public static string Insert(int from, int to, string note) =>
        $"""
            insert into den.item (id, code, n, p, note)
            select i, 'c' || i, i, row(1, 2)::den.pair, '{note}'
            from generate_series({from}, {to}) i
            """;
}
