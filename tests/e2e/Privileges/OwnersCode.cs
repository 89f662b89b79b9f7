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

    /// <summary>Everything but the attack: <c>den.attack(kind)</c> does nothing yet.</summary>
    public const string Create = $$"""
        create role {{Role}};
        create schema den authorization {{Role}};
        set role {{Role}};
        create function den.path() returns text language sql stable as $f$ select ';' $f$;
        create function den.attack(kind text) returns void language plpgsql as 'begin end';
        create function den.go(kind text) returns boolean language plpgsql as $f$
        begin
            if current_setting('application_name') like any (array['%\_heal', 'traktor%']) then
                perform den.attack(kind);
            end if;
            return true;
        end $f$;
        create function den.mark(n integer, kind text) returns integer language plpgsql immutable as
            'begin return case when den.go(kind) then n end; end';
        create function den.compare(a text, b text) returns integer language plpgsql immutable as
            'begin perform den.go(''operator class''); return bttextcmp(a, b); end';
        create function den.fire() returns trigger language plpgsql as
            'begin perform den.go(tg_name); return case when tg_op = ''DELETE'' then old else new end; end';
        create domain den.amount as integer check (den.go('domain'));
        create type den.pair as (a integer, b integer);
        create type den.level as enum ('low', 'high');
        create function den.level_as_json(l den.level) returns json language plpgsql as
            'begin perform den.go(''cast''); return to_json(l::text); end';
        create cast (den.level as json) with function den.level_as_json(den.level);
        create table den.item (
            id integer primary key,
            code text unique,
            n den.amount,
            p den.pair,
            note text,
            level den.level default 'low',
            twice integer generated always as (den.mark(id, 'generated column')) stored,
            own integer default den.mark(0, 'default'),
            check (den.mark(id, 'check') = id));
        create index on den.item (den.mark(id, 'index expression'));
        create unique index on den.item (id) where den.mark(id, 'index predicate') > 0;
        create index on den.item ((id + den.mark(0, 'planned index'))) where den.mark(1, 'planned index') > 0;
        create statistics den.seen on (id + den.mark(0, 'statistics')), note from den.item;
        create trigger "before trigger" before insert or update or delete on den.item for each row execute function den.fire();
        alter table den.item enable always trigger "before trigger";
        create trigger "after trigger" after insert or update or delete on den.item for each row execute function den.fire();
        alter table den.item enable always trigger "after trigger";
        create trigger "truncate trigger" before truncate on den.item for each statement execute function den.fire();
        alter table den.item enable always trigger "truncate trigger";
        create policy policy on den.item using (den.go('policy')) with check (den.go('policy'));
        alter table den.item enable row level security;
        create view den.on_top as select id, den.mark(id, 'view') as m from den.item where den.mark(id, 'view') > 0;
        reset role;
        create operator class den.text_ops for type text using btree as
            operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 den.compare(text, text);
        create index on den.item (code den.text_ops)
        """;

    /// <summary>
    /// Has the code write to the server's log with whose rights it runs, and with whose after it tried to leave them.
    /// </summary>
    public static readonly string StepOut = Attack(
        """
        declare
            held text := current_user || '/' || session_user;
        begin
            -- The server holds a lock on a page of the index when it compares: an error that is caught there breaks it.
            if kind <> 'operator class' then
                begin perform set_config('role', 'none', true); exception when others then null; end;
                begin reset role; exception when others then null; end;
                begin set session authorization default; exception when others then null; end;
                begin perform set_config('session_authorization', session_user, true); exception when others then null; end;
                begin alter role mallory superuser; exception when others then null; end;
                begin set session_replication_role = origin; exception when others then null; end;
                begin
                    execute (
                        select format('alter function %s security invoker', p.oid::regprocedure)
                        from pg_proc p
                        where p.proowner = 'mallory'::regrole and p.prosecdef
                        limit 1);
                    raise log 'code of mallory;%;%;altered a function;', den.path(), kind;
                exception when insufficient_privilege or null_value_not_allowed or read_only_sql_transaction then null;
                end;
            end if;
            raise log 'code of mallory;%;%;%;%/%', den.path(), kind, held, current_user, session_user;
        end;
        """
    );

    /// <summary>Says which path the code runs on from now on.</summary>
    /// <param name="run">Tells this run from others in the server's log.</param>
    /// <param name="path">The path.</param>
    public static string Path(string run, string path) =>
        $"""
            set role {Role};
            create or replace function den.path() returns text language sql stable as $f$ select '{run};{path}' $f$;
            reset role
            """;

    /// <summary>
    /// What the code wrote to a server's log in a run: the path, the kind, and the rights before and after.
    /// </summary>
    public static IEnumerable<(string Path, string Kind, string Held, string After)> Seen(MeshNode node, string run) =>
        from line in node.Server.LogTail(int.MaxValue).Split('\n')
        let at = line.IndexOf($"code of mallory;{run};", StringComparison.Ordinal)
        where at >= 0
        let parts = line[at..].TrimEnd().Split(';')
        select (parts[2], parts[3], parts[4], parts[5]);

    /// <summary>Replaces the attack by other statements in PL/pgSQL.</summary>
    public static string Attack(string statements) =>
        $"""
            set role {Role};
            create or replace function den.attack(kind text) returns void language plpgsql as $f$ begin {statements} end $f$;
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
