using System.Globalization;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Detector;

/// <summary>
/// The triggers and the healer's statements log what <see cref="OverwriteRules"/> says, which is what the simulation
/// drives: every combination of what the rule depends on, on a real server, in sessions with a healing session's
/// settings.
/// </summary>
public sealed class OverwriteRulesTests
{
    /// <summary>From the id of a case's row to that of a row that every node has and nothing contests.</summary>
    private const int Neutral = 100_000;

    /// <summary>From the id of a case's row to that of a row whose overwrite is logged before it.</summary>
    private const int Logged = 200_000;

    /// <summary>From the id of a case's row to the one that an update of the key gives it.</summary>
    private const int Moved = 300_000;

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Overwrite_InAnyForm_IsLoggedWhereTheRuleSaysSo(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.ReplicateAsync("public.watched", "create table watched (id int primary key, v text)");
        await node.AwaitTextAsync(
            "select count(*) from pg_trigger where tgrelid = 'watched'::regclass and tgname ~ '^trktr_detect_(update|delete)$'",
            "2"
        );
        // Nothing takes entries away, and the test says what is contested.
        await node.Arbiter.KillAsync();
        await using var admin = await node.OpenAsync();
        await using var peer = await node.OpenAsync();
        var origin = await admin.ScalarAsync<uint>("select pg_replication_origin_create('the_peer')");
        await peer.ExecuteAsync("select pg_replication_origin_session_setup('the_peer')");
        await using var healing = await HealingStatements.OpenAsync(node, origin);
        await healing.Connection.ExecuteAsync(Text($"select set_config('{SessionSettings.Origin}', '{origin}', false)"));

        var cases = OverwriteCase.All().ToList();
        var forgotten = Enumerable
            .Range(0, cases.Count)
            .Where(row => cases[row].IsForgotten)
            .SelectMany(row => (int[])[row, row + Neutral]);
        await admin.ExecuteAsync($"insert into watched select id, 'before' from unnest(array[{string.Join(", ", forgotten)}]) id");
        await ForgottenStamps.ForgetAsync(node, "watched");
        var wrong = new List<string>();
        for (var row = 0; row < cases.Count; row++)
        {
            var change = cases[row].Change;
            await ContestAsync(admin, change, row);
            if (!cases[row].IsForgotten)
                await WriteAsync(admin, change.IsStreamsOrigin ? peer : admin, change, row);
            await admin.ExecuteAsync($"select setval('trktr.nothing_contested', 1, {change.IsNothingContested})");
            await ApplyAsync(healing, cases[row], row);
            var logged = await admin.ScalarAsync<string>(
                "select coalesce(string_agg(key::json ->> 'id', ' ' order by id), '') from trktr.overwrite_log"
            );
            List<int> expected = [];
            if (change.HasLogged)
                expected.Add(row + Logged);
            if (cases[row].IsLogged)
                expected.Add(row);
            if (cases[row] is { IsLogged: true, ChangesKey: true })
                expected.Add(row + Moved);
            if (logged != string.Join(' ', expected))
                wrong.Add($"row {row}, {cases[row]}: logged are '{logged}'");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
        Assert.Equal(396 + 324 + 324 + 132, cases.Count);
    }

    /// <summary>
    /// Another key of the table is contested too wherever something is: a look at the table is not enough.
    /// </summary>
    private static Task ContestAsync(NpgsqlConnection admin, OverwritingChange change, int row)
    {
        List<int> keys = change.IsNothingContested ? [] : [-1];
        if (change.IsContested)
            keys.Add(row);
        return admin.ExecuteAsync(
            "delete from trktr.overwrite_log; delete from trktr.contested_key; "
                + "insert into trktr.contested_key (schema_name, table_name, key, stamp_at, stamp_node, heartbeat_seq) "
                + "select 'public', 'watched', format('{\"id\": \"%s\"}', id), '2026-01-01', 1, 1 "
                + $"from unnest(array[{string.Join(", ", keys)}]::integer[]) id"
        );
    }

    /// <summary>
    /// What is there before, each row of a transaction of its own: the neutral one, the case's by the peer or this
    /// node, and the one whose overwrite is logged.
    /// </summary>
    private static async Task WriteAsync(NpgsqlConnection admin, NpgsqlConnection writer, OverwritingChange change, int row)
    {
        await admin.ExecuteAsync(Text($"insert into watched values ({row + Neutral}, 'before')"));
        if (!change.IsOwnTransaction)
            await writer.ExecuteAsync(Text($"insert into watched values ({row}, 'before')"));
        if (change.HasLogged)
            await admin.ExecuteAsync(Text($"insert into watched values ({row + Logged}, 'before')"));
    }

    /// <summary>
    /// One transaction. The stable xid lies as near to the row's as can be: every older row is stable, and every newer
    /// one is not.
    /// </summary>
    private static async Task ApplyAsync(HealingStatements healing, OverwriteCase it, int row)
    {
        var change = it.Change;
        var (nearest, after) = change.IsOwnTransaction ? (row + Neutral, 1) : (row, change.IsStable ? 1 : 0);
        var isProcessed = $"select set_config('{SessionSettings.OverwriteLogEmpty}', '{(change.IsProcessed ? "on" : "")}', true)";
        await using var batch = new NpgsqlBatch(healing.Connection);
        void Add(string sql) => batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        Add("begin");
        Add($"select set_config('{SessionSettings.HealerRecords}', '{Recording.Later}', true)");
        Add(
            $"select set_config('{SessionSettings.StableXid}', (xmin::text::bigint + {after})::text, true) "
                + Text($"from public.watched where id = {nearest}")
        );
        if (change.HasLogged)
            Add(Text($"update public.watched set v = 'logged' where id = {row + Logged}"));
        if (change.IsOwnTransaction)
            Add(Text($"insert into public.watched values ({row}, 'own')"));
        Add(isProcessed);
        if (it.Form == OverwriteForm.OneRow)
            batch.BatchCommands.Add(await healing.CallAsync(it.Kind, it.Policy, row));
        else if (it.Form == OverwriteForm.ManyRows)
            batch.BatchCommands.Add(await healing.CallAsync(it.Kind, it.Policy, row, row + Neutral));
        else
        {
            Add($"select set_config('{SessionSettings.HealerRecords}', '{healing.RecordingOf(it.Kind, it.Policy)}', true)");
            Add(
                it.Kind == ChangeKind.Delete
                    ? Text($"delete from public.watched where id = {row}")
                    : Text($"update public.watched set id = {(it.ChangesKey ? row + Moved : row)}, v = 'after' where id = {row}")
            );
        }

        Add("commit");
        await batch.ExecuteNonQueryAsync();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
