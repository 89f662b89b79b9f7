using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Traktor.Engine.Healing;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Joining;

/// <summary>
/// Exports snapshots of this node for nodes that join. A snapshot is exact for this node's own commits, because a slot
/// begins with it, and for those of the nodes that it receives from, because they are not applied meanwhile. Its own
/// arbiter stops applying for that, for about half a second: if it is killed then, its successor finds heals to go on
/// with. The snapshot lasts as long as the joining node asks for it.
/// </summary>
public sealed class SourceSnapshots(LocalNode local, HealingWorkers healing, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a snapshot is kept for a node that does not ask for it any more.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, Export> exports = new();
    private readonly SemaphoreSlim gate = new(1);

    /// <summary>Exports a snapshot for a node, in the place of one that there is.</summary>
    /// <param name="node">The node that joins.</param>
    /// <param name="positions">What this node must have applied of others.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Conflict: the node has not claimed its slot here, or a subscription of this
    /// node does not run; Unavailable: not everything is applied yet, or transactions are open: it can be
    /// repeated.</exception>
    public async Task<SourceSnapshot> ExportAsync(int node, IReadOnlyList<NodePosition> positions, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            await CloseAsync(node);
            await using var connection = await local.OpenAsync(cancel);
            await PrepareAsync(connection, node, positions, cancel);
            var (export, applied) = await new SnapshotPause(local, healing, time).ExportAsync(connection, node, cancel);
            var snapshot = new SourceSnapshot(local.NodeId, node, export.Snapshot, applied);
            exports[node] = new Export(export, snapshot, time.GetTimestamp());
            return snapshot;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, $"the PostgreSQL of node {local.NodeId}");
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The snapshot for a node, which is kept for <see cref="Lease"/> from now on.</summary>
    public SourceSnapshot Keep(int node)
    {
        if (!exports.TryGetValue(node, out var export))
            return new SourceSnapshot(local.NodeId, node, null, []);
        exports.TryUpdate(node, export with { AskedAt = time.GetTimestamp() }, export);
        return export.Snapshot;
    }

    /// <summary>Ends the snapshot for a node. Its slot stays.</summary>
    public async Task<SourceSnapshot> EndAsync(int node, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            await CloseAsync(node);
            return new SourceSnapshot(local.NodeId, node, null, []);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// Ends snapshots that nobody asks for any more, with their slots: without the snapshot such a slot is of no use.
    /// Runs until cancelled.
    /// </summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, ExpireAsync, cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in exports.Keys)
            await CloseAsync(node);
        gate.Dispose();
    }

    private async Task ExpireAsync(CancellationToken cancel)
    {
        foreach (var (node, export) in exports)
            if (time.GetElapsedTime(export.AskedAt) > Lease)
            {
                await EndAsync(node, cancel);
                try
                {
                    await using var connection = await local.OpenAsync(cancel);
                    await PeerSlot.DropOfPeerAsync(connection, node, ObjectNames.Subscription(node, local.NodeId), cancel);
                }
                catch (Exception e) when (e is RefusedException || PostgresErrors.IsFromServer(e))
                {
                    // The server is down. The slot is listed among the outbound ones of the mesh's page.
                }
            }
    }

    private async Task PrepareAsync(NpgsqlConnection connection, int node, IReadOnlyList<NodePosition> positions, CancellationToken cancel)
    {
        var claimed = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                "select exists (select from trktr.slot_owner where node_id = @node)",
                new { node },
                cancellationToken: cancel
            )
        );
        if (!claimed)
            throw RefusedException.Conflict(
                $"Node {node} has not claimed its slot on node {local.NodeId}.",
                $"A snapshot is exported for a node that joins: PUT /v1/arbiter/join on node {node}."
            );
        var subscriptions = await SubscriptionCatalog.ReadAsync(connection, local.NodeId, cancel);
        foreach (var subscription in subscriptions)
            if (SourceRules.WhyNot(local.NodeId, subscription) is { } refusal)
                throw refusal;
        if (positions.Select(position => position.Node).Except(subscriptions.Select(one => one.InboundNode)).ToList() is [var other, ..])
            throw RefusedException.Conflict($"Node {local.NodeId} does not receive from node {other}.", "Subscribe it first.");
        var behind = await connection.QueryFirstOrDefaultAsync<int?>(
            new CommandDefinition(
                SqlFile.Read("Joining/read_behind.sql"),
                new
                {
                    self = local.NodeId,
                    nodes = positions.Select(position => position.Node).ToArray(),
                    lsns = positions.Select(position => position.Lsn).ToArray(),
                },
                cancellationToken: cancel
            )
        );
        if (behind is { } late)
            throw RefusedException.Unavailable(
                $"Node {local.NodeId} has not applied yet what node {late} wrote before node {node} made its slot there."
            );
        var old = (await OpenTransaction.ReadAsync(connection, cancel)).Where(SourceRules.IsOld).ToList();
        if (old.Count > 0)
            throw RefusedException.Unavailable(SourceRules.Waits(local.NodeId, old));
        await PeerSlot.DropUnusedAsync(connection, ObjectNames.Subscription(node, local.NodeId), cancel);
        await connection.ExecuteAsync(
            new CommandDefinition("select trktr.register_subscriber(@node)", new { node }, cancellationToken: cancel)
        );
        await PeerSlot.OfferTablesAsync(connection, node, cancel);
    }

    private async Task CloseAsync(int node)
    {
        if (exports.TryRemove(node, out var export))
            await export.Session.DisposeAsync();
    }

    private sealed record Export(SnapshotExport Session, SourceSnapshot Snapshot, long AskedAt);
}
