using System.Globalization;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Detection;
using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Detector;

/// <summary>
/// The triggers log what <see cref="OverwriteRules"/> says, which is what the simulation drives: every combination of
/// what the rule depends on, on a real server.
/// </summary>
public sealed class OverwriteRulesTests
{
    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Triggers_AnyChange_LogWhatTheRuleSays(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.ReplicateAsync("public.watched", "create table watched (id int primary key, v text)");
        await node.AwaitTextAsync(
            "select count(*) from pg_trigger where tgrelid = 'watched'::regclass and tgname ~ '^trktr_detect_(update|delete)$'",
            "2"
        );
        // Nothing takes entries away, and the lock is the test's.
        await node.Arbiter.KillAsync();
        var changes = Combinations().ToList();
        await using var admin = await node.OpenAsync();
        await using var applying = await node.OpenAsync();
        await using var arbiter = await node.OpenAsync();
        await applying.ExecuteAsync(
            "set session_replication_role = replica; select pg_replication_origin_create('the_peer'); "
                + $"select set_config('{SessionSettings.Peer}', '1', false), set_config('{SessionSettings.Origin}', "
                + "(select roident::text from pg_replication_origin where roname = 'the_peer'), false)"
        );

        var wrong = new List<string>();
        for (var key = 0; key < changes.Count; key++)
        {
            await PrepareAsync(admin, arbiter, changes[key], key);
            await ApplyAsync(applying, changes[key], key);
            var isLogged = await admin.ScalarAsync<bool>(
                $"select exists (select from trktr.overwrite_log where key::json ->> 'id' = '{key}')"
            );
            if (isLogged != OverwriteRules.IsLogged(changes[key]))
                wrong.Add($"{changes[key]} {(isLogged ? "is" : "is not")} logged");
        }

        Assert.Equal("", string.Join('\n', wrong));
        Assert.Equal(16 + 64, changes.Count);
    }

    /// <summary>A row that is there before: by whom, and whether its key is contested.</summary>
    private static async Task PrepareAsync(NpgsqlConnection admin, NpgsqlConnection arbiter, OverwritingChange change, int key)
    {
        await admin.ExecuteAsync("delete from trktr.overwrite_log; delete from trktr.contested_key");
        if (change.IsStreamsOrigin)
            await admin.ExecuteAsync("select pg_replication_origin_session_setup('the_peer')");
        if (!change.IsOwnTransaction)
            await admin.ExecuteAsync(Text($"insert into watched values ({key}, 'before')"));
        if (change.IsStreamsOrigin)
            await admin.ExecuteAsync("select pg_replication_origin_session_reset()");
        if (change.HasLogged)
            await admin.ExecuteAsync(Text($"insert into watched values ({key + 1000}, 'before')"));
        if (change.IsContested)
            await admin.ExecuteAsync(
                "insert into trktr.contested_key (schema_name, table_name, key, stamp_at, stamp_node, heartbeat_seq) "
                    + Text($"values ('public', 'watched', '{{\"id\": \"{key}\"}}', '2026-01-01', 1, 1)")
            );
        await arbiter.ExecuteAsync(
            "select pg_advisory_unlock_all()"
                + (change.IsNothingContested ? $"; select pg_advisory_lock({AdvisoryLocks.NothingContested})" : "")
        );
    }

    private static async Task ApplyAsync(NpgsqlConnection applying, OverwritingChange change, int key)
    {
        await using var transaction = await applying.BeginTransactionAsync();
        await applying.ExecuteAsync(
            $"select set_config('{SessionSettings.OverwriteLogEmpty}', '{(change.IsProcessed ? "on" : "")}', true), "
                + $"set_config('{SessionSettings.StableXid}', {(change.IsStable ? "pg_current_xact_id()::xid::text" : "'0'")}, true)"
        );
        if (change.HasLogged)
            await applying.ExecuteAsync(Text($"update watched set v = 'logged' where id = {key + 1000}"));
        if (change.IsOwnTransaction)
            await applying.ExecuteAsync(Text($"insert into watched values ({key}, 'own')"));
        // A change of another row of the transaction clears it.
        await applying.ExecuteAsync(
            $"select set_config('{SessionSettings.OverwriteLogEmpty}', '{(change.IsProcessed ? "on" : "")}', true)"
        );
        await applying.ExecuteAsync(
            change.IsDelete ? Text($"delete from watched where id = {key}") : Text($"update watched set v = 'after' where id = {key}")
        );
        await transaction.CommitAsync();
    }

    /// <summary>All that can be: a row of the transaction's own has no origin, is never stable, and its key may be contested or not.</summary>
    private static IEnumerable<OverwritingChange> Combinations()
    {
        bool[] both = [false, true];
        foreach (var isDelete in both)
        foreach (var isNothingContested in both)
        foreach (var isContested in both)
        {
            foreach (var hasLogged in both)
                yield return new OverwritingChange(true, hasLogged, false, false, isDelete, false, isNothingContested, isContested);
            foreach (var isStable in both)
            foreach (var isStreamsOrigin in both)
            foreach (var isProcessed in both)
                yield return new OverwritingChange(
                    false,
                    false,
                    isStable,
                    isStreamsOrigin,
                    isDelete,
                    isProcessed,
                    isNothingContested,
                    isContested
                );
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
