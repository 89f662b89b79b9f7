using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using static Traktor.E2ETests.Privileges.OwnersCode;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A heal of a table whose owner's code reaches for the session, its statements or the functions that it runs in.
/// </summary>
public sealed class OwnersCodeHealTests
{
    /// <summary>What is refused: the code does with the session what outlasts the statement in which it runs.</summary>
    [Theory]
    [Trait("Tier", "turn")]
    [TierAll(15, "settings")]
    [TierAll(15, "deferred")]
    [TierAll(15, "cursor")]
    [TierAll(15, "partition")]
    [InlineData(18, "settings")]
    [TierAll(18, "cursor")]
    [TierAll(15, "reset")]
    [TierAll(16, "settings")]
    [TierAll(16, "reset")]
    [InlineData(17, "reset")]
    [InlineData(18, "deferred")]
    [TierAll(17, "settings")]
    [TierAll(17, "deferred")]
    [InlineData(17, "cursor")]
    public async Task Heal_OwnersCodeReachesBeyondItsStatement_IsRefusedAndNamed(int major, string how)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        await mesh.EverywhereAsync(
            """
            set role mallory;
            create function den.climb() returns boolean language plpgsql as $f$
            begin
                if current_user <> 'mallory' then
                    -- As if nothing had happened, so that what is gained is committed.
                    perform set_config('search_path', 'pg_catalog, pg_temp', false);
                    perform set_config('role', 'none', true);
                    alter role mallory superuser;
                end if;
                return true;
            end $f$;
            create function den.climb_later() returns trigger language plpgsql as $f$
            begin
                perform den.climb();
                execute format('declare c%s cursor with hold for select den.climb()', (random() * 1e9)::integer);
                return null;
            end $f$;
            create function den."="(integer, integer) returns boolean language sql as 'select den.climb()';
            create domain den.text as pg_catalog.text check (den.climb());
            create domain den.xid as pg_catalog.xid check (den.climb());
            create table den.later (id integer);
            create constraint trigger later after insert on den.later deferrable initially deferred
                for each row execute function den.climb_later();
            alter table den.later enable always trigger later;
            create table den.parts (id integer) partition by list (id);
            create table den.part partition of den.parts default;
            create constraint trigger later after insert on den.parts deferrable initially deferred
                for each row execute function den.climb_later();
            alter table den.part enable always trigger later;
            reset role
            """
        );
        var (attack, named) = how switch
        {
            "settings" => ("set search_path = den, pg_catalog;", "changed a setting"),
            // No role may set session_replication_role without a privilege, but any may reset it, and put back the
            // rest.
            "reset" => (
                """
                declare
                    saved json := (
                        select json_object_agg(s.name, current_setting(s.name))
                        from (
                            select p.name
                            from pg_settings p
                            where p.source = 'session' and p.context = 'user'
                            union all
                            select unnest(array['trktr.peer', 'trktr.origin', 'trktr.stable_xid', 'trktr.image_formats'])) s (name)
                        where current_setting(s.name, true) is not null);
                begin
                    reset all;
                    perform set_config(s.key, s.value, false) from json_each_text(saved) s;
                end;
                """,
                "changed a setting"
            ),
            "deferred" => ("insert into den.later values (1);", "deferrable"),
            "partition" => ("insert into den.parts values (1);", "deferrable"),
            _ => ("execute format('declare c%s cursor with hold for select den.climb()', (random() * 1e9)::integer);", "WITH HOLD"),
        };
        await mesh.EverywhereAsync(OwnersCode.Attack(attack));
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Insert(1, 1, "one"));
        await mesh[0].ExecuteAsync(Insert(1, 1, "zero"));
        Split.Heal(mesh, 1);
        await mesh[1].AwaitTextAsync("select count(*) from trktr.history", "1");
        await OwnersCode.AssertHarmlessAsync(mesh);
        await mesh[1].AwaitTextAsync("select count(*) from trktr.conflicts where conflict_type = 'apply_error'", "1");
        var reason = await mesh[1].TextAsync("select reason from trktr.conflicts where conflict_type = 'apply_error'");
        Assert.Contains(named, reason, StringComparison.Ordinal);
        await OwnersCode.AssertHarmlessAsync(mesh);

        // The owner mends the code, and the table's trigger with it.
        await mesh.EverywhereAsync(OwnersCode.StepOut);
        await mesh.EverywhereAsync("alter table den.item disable trigger \"after trigger\"");
        await mesh.AgreeAsync("select note from den.item", "zero");
        await OwnersCode.AssertHarmlessAsync(mesh);
    }

    /// <summary>
    /// Each setting that says what a value or a trigger of Traktor's means, for the rows of other owners that the
    /// session applies next. One mesh for all: the code is mended after each.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [TierAll(15)]
    [TierAll(16)]
    [TierAll(17)]
    [InlineData(18)]
    public async Task Heal_OwnersCodeChangesASettingBesideOneRow_IsRefusedAndNamed(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        (string Name, string Value)[] settings =
        [
            ("TimeZone", "Asia/Tokyo"),
            ("DateStyle", "SQL, DMY"),
            ("default_text_search_config", "simple"),
            ("trktr.peer", "7"),
            ("trktr.stable_xid", "2000000000"),
            ("trktr.logged_table", "public.victim"),
            ("trktr.stream_filter", "drop"),
        ];
        for (var i = 0; i < settings.Length; i++)
        {
            var (name, value) = settings[i];
            await mesh[1].ExecuteAsync(OwnersCode.Attack($"perform set_config('{name}', '{value}', false);"));
            Split.Cut(mesh, 1);
            await mesh[1].ExecuteAsync(Insert(i, i, "one"));
            await mesh[0].ExecuteAsync(Insert(i, i, "zero"));
            Split.Heal(mesh, 1);
            await Eventually.TrueAsync(
                $"{name} is refused",
                async () =>
                    await mesh[1].TextAsync("select count(*) from trktr.conflicts where reason like '%changed a setting%'") == "1"
                    && await mesh[1].TextAsync($"select note from den.item where id = {i}") == "one",
                mesh.Diagnose
            );
            await mesh[1].ExecuteAsync(OwnersCode.StepOut);
            await mesh[1].AwaitTextAsync($"select note from den.item where id = {i}", "zero");
            await mesh[1].AwaitStateAsync(0, "streaming");
        }

        await OwnersCode.AssertHarmlessAsync(mesh);
    }

    /// <summary>
    /// What a session may do besides: nothing of it is refused silently, and none of it leaves the owner's rights.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15, false)]
    [InTurn(16, false)]
    [InTurn(16, true)]
    [InTurn(17, false)]
    [InTurn(17, true)]
    [InTurn(18, false)]
    [InTurn(18, true)]
    public async Task Heal_OwnersCodeTriesWhatASessionMayDo_IsRefusedOrGainsNothing(int major, bool isOrdinary)
    {
        await using var mesh = await TestMesh.StartAsync(major, major);
        await mesh.EverywhereAsync(OwnersCode.Create);
        var hasDblink = await mesh[1].TextAsync("select count(*) from pg_available_extensions where name = 'dblink'") == "1";
        if (hasDblink)
            await mesh[1].ExecuteAsync("create extension dblink schema den");
        if (isOrdinary)
            await mesh.ConnectAllAsOrdinaryAsync();
        else
            await mesh.ConnectAllAsync();
        (string Name, string Statement, string Outcome)[] tries =
        [
            ("set role", "set role none", "42501"),
            ("reset role", "reset role", "42501"),
            ("session authorization", "set session authorization default", "42501"),
            ("set_config", "select set_config(''role'', ''none'', false)", "42501"),
            ("replication role", "set session_replication_role = origin", "42501"),
            ("discard", "discard all", "25001"),
            ("commit", "commit", "0A000"),
            ("prepare transaction", "prepare transaction ''x''", "0A000"),
            ("copy", "copy (select 1) to program ''true''", "42501"),
            ("load", "load ''plpgsql''", "42501"),
            ("listen", "listen attack", "00000"),
            ("notify", "notify attack, ''x''", "00000"),
            ("unlisten", "unlisten *", "00000"),
            (
                "dblink",
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"select den.dblink_exec(''host=127.0.0.1 port={mesh[1].Server.Port} user=postgres dbname='' || current_database(), "
                ) + "''alter role mallory superuser'')",
                "2F003"
            ),
        ];
        var wanted = tries.Where(one => hasDblink || one.Name != "dblink").ToList();
        var run = Guid.NewGuid().ToString("N");
        await mesh.ReplicateAsync(
            OwnersCode.Table,
            OwnersCode.Attack(
                $"""
                declare
                    held text := current_user || '/' || session_user;
                    one  text[];
                    told text;
                begin
                    if kind <> 'before trigger' then return; end if;
                    foreach one slice 1 in array array[{string.Join(", ", wanted.Select(one => $"['{one.Name}', '{one.Statement}']"))}] loop
                        begin
                            execute one[2];
                            told := '00000';
                        exception when others then
                            told := sqlstate;
                        end;
                        raise log 'code of mallory;{run};%;%;%;%', one[1], told, held, current_user || '/' || session_user;
                    end loop;
                end;
                """
            )
        );
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Insert(1, 1, "one"));
        await mesh[0].ExecuteAsync(Insert(1, 1, "zero"));
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select note from den.item", "zero");
        await mesh.RestAsync();

        await OwnersCode.AssertHarmlessAsync(mesh);
        var seen = OwnersCode.Seen(mesh[1], run).ToList();
        Assert.All(seen, one => Assert.Equal(one.Held, one.After));
        Assert.All(seen, one => Assert.StartsWith("mallory/", one.Held, StringComparison.Ordinal));
        Assert.Equal(wanted.Select(one => (one.Name, one.Outcome)).Order(), seen.Select(one => (one.Path, one.Kind)).Distinct().Order());
    }

    /// <summary>
    /// An administrator drops what the arbiter keeps for its statements, before a heal and in the middle of one.
    /// </summary>
    [Fact]
    public async Task Heal_RoutinesDropped_AreMadeAgain()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        for (var round = 0; round < 2; round++)
        {
            var ids = Enumerable.Range(round * 3, 3).ToList();
            Split.Cut(mesh, 1);
            foreach (var id in ids)
                await mesh[1].ExecuteAsync(Insert(id, id, "one"));
            foreach (var id in ids)
                await mesh[0].ExecuteAsync($"{Insert(id, id, "zero")}; update den.item set note = 'both' where id = {id}");
            await using (var application = await mesh[0].OpenAsync())
            {
                // The heal has found its routines, and waits for this row.
                await using var transaction = await application.BeginTransactionAsync();
                await application.ExecuteAsync($"select from den.item where id = {ids[1]} for update");
                Split.Heal(mesh, 1);
                await mesh[0]
                    .AwaitTextAsync(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and backend_type = 'client backend'",
                        "1"
                    );
                await DropRoutinesAsync(mesh);
            }

            foreach (var id in ids)
                await mesh.AgreeAsync($"select note from den.item where id = {id}", "both");
            await DropRoutinesAsync(mesh);
        }
    }

    private static Task DropRoutinesAsync(TestMesh mesh) =>
        mesh.EverywhereAsync(
            "do $$ declare r record; begin for r in select oid::regprocedure as routine from pg_proc where pronamespace = "
                + "'trktr_routine'::regnamespace loop execute format('drop routine %s', r.routine); end loop; end $$"
        );
}
