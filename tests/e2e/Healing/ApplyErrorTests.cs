using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// What stops a subscription and is no conflict: the cause is named with the statement that fixes it, and whatever DDL
/// fixes it, replication goes on soon after.
/// </summary>
public sealed partial class ApplyErrorTests
{
    [GeneratedRegex("(CREATE TABLE|ALTER TABLE) .*?;")]
    private static partial Regex Statement { get; }

    /// <summary>Tables, and what differs on node 1.</summary>
    private const string Tables = """
        create type mood as enum ('calm');
        create domain short as text check (length(value) < 3);
        create function allowed(v int) returns boolean language sql as 'select v < 10';
        create function check_allowed() returns trigger language plpgsql as
            $f$ begin if not public.allowed(new.id) then raise exception 'not allowed'; end if; return new; end $f$;
        create function check_limit() returns trigger language plpgsql as $f$
        begin
            if new.id > coalesce(nullif(current_setting('app.most', true), ''), '5')::int then
                raise exception 'too many';
            end if;
            return new;
        end $f$;
        create table moody (id int primary key, m mood);
        create table brief (id int primary key, s short);
        create table checked (id int primary key);
        create table limited (id int primary key);
        create table parted (id int, part int, primary key (id, part)) partition by list (part);
        create table parted_1 partition of parted for values in (1);
        create table "Emptied" (id int primary key);
        """;

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Subscription_StoppedByAnError_NamesItAndGoesOnAfterTheDdlThatFixesIt(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.EverywhereAsync(Tables);
        string[] tables = ["moody", "brief", "checked", "limited", "parted", "\"Emptied\""];
        foreach (var node in mesh.Nodes)
        foreach (var table in tables)
            await node.StageAsync($"public.{table}");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        await mesh[1]
            .ExecuteAsync(
                """
                create trigger allowed before insert on checked for each row execute function check_allowed();
                create trigger within before insert on limited for each row execute function check_limit();
                alter table checked enable always trigger allowed;
                alter table limited enable always trigger within;
                create table outside (id int references "Emptied")
                """
            );

        // The type is not in the table's own catalog rows.
        await mesh[0].ExecuteAsync("alter type mood add value 'angry'");
        await StopAsync("insert into moody values (1, 'angry')", "22P02", "invalid input value for enum");
        await GoOnAsync("moody", "alter type mood add value 'angry'");

        await mesh[0].ExecuteAsync("alter domain short drop constraint short_check");
        await StopAsync("insert into brief values (1, 'longer')", "23514", "short_check");
        await GoOnAsync("brief", "alter domain short drop constraint short_check");

        await StopAsync("insert into checked values (50)", "P0001", "not allowed");
        await GoOnAsync("checked", "create or replace function allowed(v int) returns boolean language sql as 'select true'");

        await StopAsync("insert into limited values (50)", "P0001", "too many");
        await GoOnAsync("limited", "alter database traktor_tutorial set app.most = 100");

        // A partition that only the peer has, one that is partitioned itself, and one that was detached here.
        await mesh[0].ExecuteAsync("create table parted_2 partition of parted for values in (2)");
        var error = await StopAsync("insert into parted values (1, 2)", "23514", "Partition key of the failing row contains (part) = (2)");
        await GoOnAsync("parted", Statement.Match(error).Value);
        await mesh[0]
            .ExecuteAsync(
                "create table \"Parted 3\" partition of parted for values in (3) partition by range (id); create table parted_3_1 "
                    + "partition of \"Parted 3\" default"
            );
        error = await StopAsync("insert into parted values (1, 3)", "23514", "no partition of relation");
        await GoOnAsync("parted", string.Concat(Statement.Matches(error).Select(match => match.Value)));
        await mesh[1].ExecuteAsync("alter table parted detach partition parted_1");
        error = await StopAsync("insert into parted values (1, 1)", "23514", "ATTACH PARTITION \"public\".\"parted_1\" FOR VALUES IN (1)");
        await GoOnAsync("parted", Statement.Match(error).Value);

        // A table outside of the replicaset refers to the one that is emptied.
        await mesh[0].ExecuteAsync("insert into \"Emptied\" values (1)");
        await Split.AwaitEqualAsync(mesh, "\"Emptied\"");
        await mesh[1].ExecuteAsync("insert into outside values (1)");
        await StopAsync("truncate \"Emptied\"", "55000", "Table \"outside\" references \"Emptied\"");
        await GoOnAsync("\"Emptied\"", "drop table outside");

        // What is over is closed.
        await mesh.AgreeAsync("select count(*) from trktr.history where resolved is null", "0");

        async Task<string> StopAsync(string onNode0, string sqlState, string words)
        {
            await mesh[0].ExecuteAsync(onNode0);
            var said = "";
            await Eventually.TrueAsync(
                $"{onNode0} stops node 1: {words}",
                async () =>
                    await mesh[1].SubscriptionAsync(0) is { } subscription
                    && (string?)subscription["state"] == "stopped"
                    && (said = (string?)subscription["last_error"] ?? "").Contains(sqlState, StringComparison.Ordinal)
                    && said.Contains(words, StringComparison.Ordinal),
                () => $"{said}\n{mesh.Diagnose()}"
            );
            return said;
        }

        async Task GoOnAsync(string table, string onNode1)
        {
            await mesh[1].ExecuteAsync(onNode1);
            await Split.AwaitEqualAsync(mesh, table);
            await mesh[1].AwaitStateAsync(0, "streaming");
        }
    }

    /// <summary>
    /// An error of the heal itself, not of a row: it is not "healing" for ever, but says what it fails with.
    /// </summary>
    [Fact]
    public async Task Heal_ThatFailsTheSameWayThreeTimes_SaysWhatItFailsWith()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, v text)");
        await mesh[1]
            .ExecuteAsync(
                """
                create function public.out_of_order() returns trigger language plpgsql as
                    $f$ begin raise exception 'the history is out of order' using errcode = 'disk_full'; end $f$;
                create trigger out_of_order before insert on trktr.history
                    for each row execute function public.out_of_order();
                alter table trktr.history enable always trigger out_of_order
                """
            );
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'early')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'late')");
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync(
            "node 1 says what it fails with",
            async () =>
                await mesh[1].SubscriptionAsync(0) is { } subscription
                && (string?)subscription["state"] == "stopped"
                && ((string?)subscription["last_error"])?.Contains("the history is out of order", StringComparison.Ordinal) == true,
            mesh.Diagnose
        );
        await mesh[1].ExecuteAsync("drop function public.out_of_order() cascade");
        await mesh.AgreeAsync("select v from item", "late");
        await mesh[1].AwaitStateAsync(0, "streaming");
    }
}
