using Npgsql;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// Plays a seed's steps on a mesh, mends everything, and looks whether all nodes are equal and at rest, and nothing was
/// lost or repeated. The steps of a seed are always the same; what the servers make of them depends on the moment, as
/// in life.
/// </summary>
internal sealed class RandomHistory(TestMesh mesh, int seed)
{
    public const int Keys = 6;

    private readonly Ledger ledger = new(seed);

    /// <summary>How long nodes may take to be equal once all is mended.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(120);

    public async Task PlayAsync()
    {
        foreach (var step in HistoryStep.Of(seed, mesh.Nodes.Count))
            await DoAsync(step);
        await RepairAsync();
        foreach (var table in ContestedTable.All.Select(table => table.Name).Append("public.h_audit"))
            await AwaitEqualAsync(table);
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
        await ledger.CheckAsync(mesh);
    }

    private async Task AwaitEqualAsync(string table)
    {
        try
        {
            await Split.AwaitEqualAsync(mesh, table, Patience);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            Assert.Fail($"{await Autopsy.OfDifferencesAsync(mesh, ledger, table)}\n{e.Message}");
        }
    }

    private async Task DoAsync(HistoryStep step)
    {
        var node = mesh[step.Node];
        var random = new Random(step.Seed);
        switch (step.Kind)
        {
            case HistoryStepKind.Write:
                await WriteAsync(node, Transaction(random), random);
                break;
            case HistoryStepKind.Burst:
                var change = Transaction(random)[..1];
                await Task.WhenAll(mesh.Nodes.Select(one => WriteAsync(one, change, new Random(step.Seed + one.Id))));
                break;
            case HistoryStepKind.Pause:
                await Task.Delay(step.Milliseconds);
                break;
            case HistoryStepKind.Delay:
                mesh.Link(step.Node, step.Other).Delay = TimeSpan.FromMilliseconds(step.Milliseconds);
                break;
            case HistoryStepKind.CutLink:
                mesh.Link(step.Node, step.Other)
                    .Cut(step.Milliseconds % 2 == 0 ? Traktor.Sandbox.CutMode.Drop : Traktor.Sandbox.CutMode.Blackhole);
                break;
            case HistoryStepKind.Isolate:
                Split.Cut(mesh, step.Node);
                break;
            case HistoryStepKind.Reconnect:
                Reconnect();
                break;
            case HistoryStepKind.PauseSubscription:
                await node.Api.PostAsync($"/v1/arbiter/subscription/{step.Other}/pause");
                break;
            case HistoryStepKind.ResumeSubscriptions:
                await ResumeAsync();
                break;
            case HistoryStepKind.KillArbiter:
                await node.Arbiter.KillAsync();
                await node.Arbiter.StartAsync();
                break;
            case HistoryStepKind.KillServer:
                await node.Server.KillAsync();
                await node.Server.StartAsync();
                break;
        }
    }

    /// <summary>One to four changes, each of a table and key.</summary>
    private static List<(ContestedTable Table, int Key)> Transaction(Random random) =>
        [
            .. Enumerable
                .Range(0, random.Next(3) == 0 ? random.Next(2, 5) : 1)
                .Select(_ => (ContestedTable.All[random.Next(ContestedTable.All.Count)], random.Next(Keys))),
        ];

    private async Task WriteAsync(MeshNode node, IReadOnlyList<(ContestedTable Table, int Key)> changes, Random random)
    {
        var (written, overwritten) = (new List<LedgerWrite>(), new List<string>());
        var audit = $"{node.Id}/{ledger.NextVersion()}";
        var isSent = false;
        try
        {
            await using var connection = await node.OpenAsync();
            await connection.ExecuteAsync("set lock_timeout = '3s'; begin");
            foreach (var (table, key) in changes)
                written.Add(await ChangeAsync(connection, table, key, random, overwritten) with { Node = node.Id, Audit = audit });
            await connection.ExecuteAsync($"insert into public.h_audit values ('{audit}')");
            isSent = true;
            await connection.ExecuteAsync("commit");
            ledger.Note(written, overwritten, isAcknowledged: true);
            ledger.Transactions.Enqueue(audit);
        }
        catch (PostgresException)
        {
            // Refused: a unique value is taken, a lock is not to be had. Nothing of it was done.
        }
        catch (NpgsqlException) when (isSent)
        {
            ledger.Note(written, overwritten, isAcknowledged: false);
        }
        catch (NpgsqlException)
        {
            // The server went away before it was asked to commit.
        }
    }

    private async Task<LedgerWrite> ChangeAsync(
        NpgsqlConnection connection,
        ContestedTable table,
        int key,
        Random random,
        List<string> overwritten
    )
    {
        var there = await connection.ScalarAsync<string>($"select said from {table.Name} where {table.Where(key)} for update");
        if (there is not null)
            overwritten.Add(there);
        var kind = random.Next(10);
        var isDeleted = there is not null && kind < 3;
        var newKey = there is not null && kind == 3 ? (key + 1 + random.Next(Keys - 1)) % Keys : key;
        var version = isDeleted ? null : ledger.NextVersion();
        var statement =
            version is null ? $"delete from {table.Name} where {table.Where(key)}"
            : newKey != key ? table.Move(key, newKey, version)
            : table.Put(key, version, random, there is not null);
        await connection.ExecuteAsync(statement);
        return new LedgerWrite(0, table, key, newKey, there, version, statement, DateTime.UtcNow, "");
    }

    private void Reconnect()
    {
        foreach (var from in mesh.Nodes)
        foreach (var to in mesh.Nodes.Where(to => to != from))
        {
            mesh.Link(from.Id, to.Id).Delay = TimeSpan.Zero;
            mesh.Link(from.Id, to.Id).Heal();
        }
    }

    private async Task ResumeAsync()
    {
        foreach (var node in mesh.Nodes)
        foreach (var from in mesh.Nodes.Where(from => from != node))
            await node.Api.PostAsync($"/v1/arbiter/subscription/{from.Id}/resume");
    }

    private async Task RepairAsync()
    {
        Reconnect();
        await ResumeAsync();
    }
}
