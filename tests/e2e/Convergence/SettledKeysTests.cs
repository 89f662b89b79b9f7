using System.Globalization;
using System.Text.Json;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.E2ETests.Convergence;

/// <summary>
/// The statement that settles many keys at once does with each what <see cref="KeyRules.Decide"/> says, and leaves
/// alone what needs more: every combination of what waits for a key, on a real server.
/// </summary>
public sealed class SettledKeysTests
{
    private const int Batch = 500;

    private static readonly TableName Name = new("public", "Settled");

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Keys_WithAnythingWaiting_AreSettledAsTheRulesSay(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.ReplicateAsync(Name.ToString(), "create table \"Settled\" (id int primary key, v text)");
        await node.AwaitTextAsync("select count(*) from trktr.heartbeat", "1");
        await node.Arbiter.KillAsync();
        await using var connection = await node.OpenAsync();
        await connection.ExecuteAsync(
            "set timezone = 'UTC'; set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; "
                + "set enable_mergejoin = off; set jit = off"
        );
        var target = await TargetTable.ReadAsync(connection, Name, 0, CancellationToken.None);
        var table = ConvergedTable.Of(target)!;
        var wrong = new List<string>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var cases = WaitingKey.All().ToList();
        foreach (var batch in cases.Chunk(Batch))
        {
            var rows = batch.Select(key => key.Row).ToList();
            var keys = Enumerable
                .Range(0, batch.Length)
                .Select(n => (new KeyName(Name, string.Create(CultureInfo.InvariantCulture, $"{{\"id\": \"{n}\"}}")), table))
                .ToList();
            await FillAsync(connection, batch, keys);
            await using var transaction = await connection.BeginTransactionAsync();
            var states = (await KeyStates.ReadAsync(connection, 0, keys, rows, CancellationToken.None)).States;
            var before = await DumpAsync(connection);
            await transaction.SaveAsync("before");

            var settled = await SettledKeys.SettleAsync(connection, 0, keys, rows, CancellationToken.None);
            var actual = await DumpAsync(connection);

            await transaction.RollbackAsync("before");
            var expected = await DecideAsync(connection, keys, rows, settled.Places);
            for (var n = 0; n < batch.Length; n++)
            {
                var (isSettled, key) = (settled.Places.Contains(n), keys[n].Item1.Key);
                var outcome = KeyRules.Decide(states[n], 1);
                if (isSettled != WaitingKey.IsSettled(states[n], outcome))
                    wrong.Add($"{states[n]} is{(isSettled ? "" : " not")} settled");
                var shall = (isSettled ? expected : before).GetValueOrDefault(key);
                if (actual.GetValueOrDefault(key) != shall)
                    wrong.Add($"{states[n]}:\n{actual.GetValueOrDefault(key)}\ninstead of\n{shall}");
                var winners = settled.Winners.Count(winner => winner.N == n);
                if (winners != (isSettled ? batch[n].Winners.Count : 0))
                    wrong.Add($"{states[n]}: {winners} winners are to be deleted");
                if (isSettled)
                    Count(seen, outcome!);
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count}: {string.Join('\n', wrong.Take(5))}");
        Assert.Equal((73 * 11 * 20) + (13 * 4 * 172) + 27, cases.Count);
        Assert.Equal(["announced", "kept", "lost", "replied"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen.Values, count => Assert.True(count > 50));
    }

    private static void Count(Dictionary<string, int> seen, KeyOutcome outcome)
    {
        void Add(string what) => seen[what] = seen.GetValueOrDefault(what) + 1;
        if (outcome.Losses.Count > 0)
            Add("lost");
        if (outcome.Reasons.HasFlag(SendReasons.Overwrite))
            Add("announced");
        if (outcome.Reasons.HasFlag(SendReasons.Reply))
            Add("replied");
        if (outcome.Reasons == SendReasons.None)
            Add("kept");
    }

    /// <summary>Does with some keys what the arbiter does with those that are not settled by the statement.</summary>
    private static async Task<Dictionary<string, string>> DecideAsync(
        NpgsqlConnection connection,
        List<(KeyName Name, ConvergedTable Table)> keys,
        List<RowVersion?> rows,
        IReadOnlySet<int> places
    )
    {
        List<(KeyName, ConvergedTable)> some = [.. places.Select(n => keys[n])];
        var read = await KeyStates.ReadAsync(connection, 0, some, [.. places.Select(n => rows[n])], CancellationToken.None);
        var (decided, losses) = (new List<UnappliedRow>(), new LossRecord(0));
        for (var n = 0; n < some.Count; n++)
        {
            var (name, table) = some[n];
            var outcome = KeyRules.Decide(read.States[n], read.Known.Next ?? 0)!;
            decided.Add(new UnappliedRow(name, table, outcome.Contested, outcome.RowLoss));
            foreach (var loss in outcome.Losses)
                losses.Add(table, name.Key, loss);
        }

        await new ContestedKeyStore(connection, 0).StoreAsync(decided, losses, CancellationToken.None);
        await connection.ExecuteAsync(
            $"delete from trktr.overwrite_log where id in ({string.Join(", ", read.Known.Overwrites.Select(entry => entry.Id).Append(-1))})"
        );
        return await DumpAsync(connection);
    }

    /// <summary>What is stored about each key, but times of the wall clock and numbers of rows.</summary>
    private static async Task<Dictionary<string, string>> DumpAsync(NpgsqlConnection connection) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(
            await connection.ScalarAsync<string>(
                """
                select coalesce(json_object_agg(key, said), '{}')::text
                from (
                    select key, string_agg(said, E'\n' order by said collate "C") as said
                    from (
                        select key, 'contested ' || (to_jsonb(c) - 'decided')::text as said from trktr.contested_key c
                        union all
                        select key, 'winner ' || (to_jsonb(w) - case when node_id = 0 then 'seq' else '' end)::text from trktr.winner w
                        union all
                        select key, 'logged ' || id from trktr.overwrite_log
                        union all
                        select key::text, 'lost ' || (to_jsonb(h) - 'id' - 'lsn' - 'ordinal' - 'occurred' - 'resolved')::text
                        from trktr.history h
                    ) s
                    group by key
                ) s
                """
            ) ?? ""
        )!;

    private static async Task FillAsync(NpgsqlConnection connection, WaitingKey[] batch, List<(KeyName Name, ConvergedTable Table)> keys)
    {
        var xid = 100_000;
        var entries = new List<object>();
        var winners = new List<object>();
        var kept = new List<object>();
        for (var n = 0; n < batch.Length; n++)
        {
            var key = keys[n].Name.Key;
            foreach (var entry in batch[n].Entries)
                entries.Add(
                    new
                    {
                        key,
                        operation = entry.IsKeyChange ? "I"
                        : entry.New.IsTombstone ? "D"
                        : "U",
                        old_row = entry.Old?.Image,
                        old_at = entry.Old?.Time,
                        old_node = entry.Old?.Node,
                        old_incomplete = entry.Old?.IsIncomplete ?? false,
                        new_row = entry.New.Image,
                        new_at = entry.New.Time,
                        new_node = entry.New.Node,
                        new_incomplete = entry.New.IsIncomplete,
                        // An entry without a time has that of the transaction that writes it here.
                        xid = entry.New.Time is null ? null : $"{(entry.IsContinued ? xid : ++xid)}",
                        peer = entry.IsKeyChange ? null : entry.New.Node,
                        is_refused = entry.IsRefused,
                        recorded = entry.Recorded.ToString(),
                    }
                );
            foreach (var winner in batch[n].Winners)
                winners.Add(
                    new
                    {
                        seq = winners.Count + 1,
                        key,
                        stamp_at = winner.Time,
                        stamp_node = winner.Node,
                        image = winner.Image,
                        is_incomplete = winner.IsIncomplete,
                    }
                );
            if (batch[n].Contested is { } entryOf)
                kept.Add(
                    new
                    {
                        key,
                        stamp_at = entryOf.Version.Time,
                        stamp_node = entryOf.Version.Node,
                        image = entryOf.Version.Image,
                        is_incomplete = entryOf.Version.IsIncomplete,
                        is_sent = entryOf.IsSent,
                        is_unapplied = entryOf.IsUnapplied,
                        is_unsent = entryOf.IsUnsent,
                    }
                );
        }

        await using var command = new NpgsqlCommand(Fill, connection);
        command.Parameters.AddWithValue("entries", JsonSerializer.Serialize(entries));
        command.Parameters.AddWithValue("winners", JsonSerializer.Serialize(winners));
        command.Parameters.AddWithValue("kept", JsonSerializer.Serialize(kept));
        await command.ExecuteNonQueryAsync();
    }

    private const string Fill = """
        truncate trktr.overwrite_log, trktr.winner, trktr.contested_key, trktr.history cascade;
        insert into trktr.overwrite_log (
            schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, new_row, new_at, new_node,
            new_incomplete, xid, peer, is_refused, recorded)
        select
            'public', 'Settled', key, operation::"char", old_row::json, old_at, old_node, old_incomplete, new_row::json,
            new_at, new_node, new_incomplete, coalesce(xid::xid8, pg_current_xact_id()), peer, is_refused, recorded::"char"
        from json_to_recordset(@entries::json) as e (
            key text, operation text, old_row text, old_at timestamptz, old_node integer, old_incomplete boolean,
            new_row text, new_at timestamptz, new_node integer, new_incomplete boolean, xid text, peer integer,
            is_refused boolean, recorded text);
        insert into trktr.winner (
            node_id, seq, schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete)
        select 1, seq, 'public', 'Settled', key, stamp_at, stamp_node, image::json, is_incomplete
        from json_to_recordset(@winners::json) as w (
            seq bigint, key text, stamp_at timestamptz, stamp_node integer, image text, is_incomplete boolean);
        insert into trktr.contested_key (
            schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete, heartbeat_seq, is_sent, is_unapplied,
            is_unsent)
        select 'public', 'Settled', key, stamp_at, stamp_node, image::json, is_incomplete, 1, is_sent, is_unapplied, is_unsent
        from json_to_recordset(@kept::json) as k (
            key text, stamp_at timestamptz, stamp_node integer, image text, is_incomplete boolean, is_sent boolean,
            is_unapplied boolean, is_unsent boolean)
        """;
}
