using System.Globalization;
using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>
/// The first part of a join: links this node with all others, and copies everything from one snapshot of the source.
/// </summary>
internal sealed class JoinCopying(
    LocalNode local,
    JoinStore store,
    JoinMesh mesh,
    JoinUndo undo,
    SubscriptionControl control,
    TimeProvider time
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepInterval = TimeSpan.FromSeconds(5);

    /// <summary>The part of the task that says how much WAL a node keeps.</summary>
    internal static string Wal(int node) => string.Create(CultureInfo.InvariantCulture, $"WAL kept on node {node}");

    /// <summary>
    /// Links this node with all others, before the source's snapshot: they receive from it, and its slots keep their
    /// changes. Its subscriptions are paused.
    /// </summary>
    public async Task PrepareAsync(TaskRun run, JoinState state, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
    {
        await mesh.IntroduceAsync(others, cancel);
        var own = state.Peers.First(peer => peer.Node == local.NodeId);
        await mesh.ReceiveAsync(others, own.ConnectionString, run.Actor, what => run.WaitForAsync(what, cancel), cancel);
        await run.WaitForAsync(null, cancel);
        foreach (var peer in others.Where(peer => peer.Node != state.Source))
        {
            var isNew = await control.SubscribePausedAsync(
                peer.Node,
                peer.ConnectionString,
                (connection, stop) =>
                    PeerSlot.CreateAsync(connection, local.NodeId, peer.Node, needsMarks: false, stop, offersTables: true),
                cancel
            );
            var lsn =
                await mesh.SlotAsync(peer, cancel)
                ?? throw RefusedException.Conflict(
                    string.Create(CultureInfo.InvariantCulture, $"Node {peer.Node} has lost changes for this node."),
                    "Raise max_slot_wal_keep_size there, and join again."
                );
            if (isNew || peer.SlotLsn is null)
            {
                // An older snapshot may lack what this slot does not keep.
                await store.SetSlotAsync(run.Id, peer.Node, lsn, cancel);
                await ResetAsync(run, state.Source, cancel);
                await run.LogAsync(
                    string.Create(CultureInfo.InvariantCulture, $"Node {peer.Node} keeps its changes for this node."),
                    cancel
                );
            }
        }

        FaultPoint.Reach(FaultPoint.JoinPrepared);
    }

    /// <summary>Copies everything from one snapshot; from another one when it is lost.</summary>
    public async Task CopyAsync(TaskRun run, JoinPeer source, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
    {
        while (true)
        {
            var state = (await store.FindAsync(run.Id, cancel))!;
            var isThere = await local.AskAsync(
                async connection => await SubscriptionCatalog.FindAsync(connection, local.NodeId, source.Node, cancel) is { HasSlot: true },
                cancel
            );
            try
            {
                if (state.Snapshot is null || !isThere)
                {
                    await ResetAsync(run, source.Node, cancel);
                    await TakeSnapshotAsync(run, source, state, cancel);
                    state = (await store.FindAsync(run.Id, cancel))!;
                }

                await CopyAsync(run, source, others, state.Snapshot!, cancel);
                return;
            }
            catch (SnapshotLostException)
            {
                await run.LogAsync(
                    "The source does not export the snapshot any more. Everything is copied anew, from another one.",
                    cancel
                );
                await ResetAsync(run, source.Node, cancel);
            }
        }
    }

    private async Task CopyAsync(TaskRun run, JoinPeer source, IReadOnlyList<JoinPeer> others, string snapshot, CancellationToken cancel)
    {
        var database = mesh.At(source);
        await new MeshRows(local, database, snapshot).CopyAsync(cancel);
        var tables = await store.TablesAsync(run.Id, cancel);
        var sessions = await SessionsAsync(others.Count, cancel);
        var kept = time.GetTimestamp();
        await new TableCopy(local, database, run, store, snapshot, sessions, time).CopyAsync(
            tables,
            async () =>
            {
                if (time.GetElapsedTime(kept) < KeepInterval)
                    return;
                kept = time.GetTimestamp();
                await KeepAsync(run, source, others, snapshot, cancel);
            },
            cancel
        );
        await new JoinSequences(local, mesh).SetAsync(run, source, snapshot, tables, cancel);
        if (!await KeepAsync(run, source, others, snapshot, cancel))
            throw new SnapshotLostException();
    }

    /// <summary>
    /// Has the source keep the snapshot for a while longer, and notes how much WAL the slots keep. Returns false when
    /// the source has another one.
    /// </summary>
    private async Task<bool> KeepAsync(
        TaskRun run,
        JoinPeer source,
        IReadOnlyList<JoinPeer> others,
        string snapshot,
        CancellationToken cancel
    )
    {
        try
        {
            foreach (var peer in others)
                if (await RetainedAsync(peer, cancel) is { } bytes)
                {
                    var item = new TaskItem(Wal(peer.Node), null, 0, bytes, 0, IsFinished: false, Problem: null);
                    await run.PlanAsync([item], cancel);
                    await run.NoteAsync(item, cancel);
                }

            var now = await mesh.Arbiters.KeepAsync(source.Arbiter, run.Actor, local.NodeId, cancel);
            return now.Snapshot is null || now.Snapshot == snapshot;
        }
        catch (RefusedException e) when (e.Kind == RefusalKind.Unavailable)
        {
            // Sessions that see the snapshot go on. Those that are opened later notice when it is gone.
            return true;
        }
    }

    private Task<long?> RetainedAsync(JoinPeer peer, CancellationToken cancel) =>
        mesh.AskAsync(
            peer,
            connection =>
                connection.ExecuteScalarAsync<long?>(
                    new CommandDefinition(
                        "select (pg_current_wal_lsn() - restart_lsn)::bigint from pg_replication_slots where slot_name = @slot",
                        new { slot = ObjectNames.Subscription(local.NodeId, peer.Node) },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    private async Task TakeSnapshotAsync(TaskRun run, JoinPeer source, JoinState state, CancellationToken cancel)
    {
        var positions = state
            .Peers.Where(peer => peer.SlotLsn is not null)
            .Select(peer => new NodePosition(peer.Node, peer.SlotLsn!))
            .ToList();
        SourceSnapshot? snapshot = null;
        var began = time.GetTimestamp();
        while (snapshot is null)
            try
            {
                await control.SubscribePausedAsync(
                    source.Node,
                    source.ConnectionString,
                    async (_, stop) =>
                    {
                        // The source forgets this node's key with each slot that is dropped.
                        await mesh.IntroduceAsync([source], stop);
                        snapshot = await mesh.Arbiters.ExportAsync(source.Arbiter, run.Actor, local.NodeId, positions, stop);
                    },
                    cancel
                );
                if (snapshot is null)
                    await control.EnsureUnsubscribedAsync(source.Node, cancel);
            }
            catch (RefusedException e) when (e.Kind == RefusalKind.Unavailable)
            {
                // Not everything is applied there yet, or transactions are open.
                snapshot = null;
                await JoinWait.OnAsync(e.Message, time.GetElapsedTime(began), what => run.WaitForAsync(what, cancel));
                await Task.Delay(Interval, time, cancel);
            }

        await run.WaitForAsync(null, cancel);
        var known = state.Peers.Select(peer => peer.Node).Where(node => node != source.Node);
        if (snapshot.Applied.Select(position => position.Node).Except(known).ToList() is [var other, ..])
            throw RefusedException.Conflict(
                string.Create(CultureInfo.InvariantCulture, $"Node {other} has become a part of the mesh meanwhile."),
                "Join again: PUT /v1/arbiter/join."
            );
        IReadOnlyList<CopiedTable> tables;
        await using (var session = await SourceSession.OpenAsync(mesh.At(source), snapshot.Snapshot!, cancel))
            tables = await CopiedTable.ReadAsync(session.Connection, cancel);
        await store.SetSnapshotAsync(run.Id, snapshot, tables, cancel);
        await run.LogAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Node {source.Node} exports its snapshot: {tables.Count} tables, "
                    + $"{tables.Sum(table => table.Parts.Sum(part => part.Bytes)):N0} bytes."
            ),
            cancel
        );
        FaultPoint.Reach(FaultPoint.SnapshotTaken);
    }

    /// <summary>Forgets the snapshot with all that was copied from it.</summary>
    private async Task ResetAsync(TaskRun run, int source, CancellationToken cancel)
    {
        await undo.DeleteRowsAsync(run.Id, cancel);
        await store.ForgetSnapshotAsync(run.Id, cancel);
        await control.EnsureUnsubscribedAsync(source, cancel);
    }

    /// <summary>How many sessions copy: as many as there are replication origins, up to four.</summary>
    private Task<int> SessionsAsync(int others, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteScalarAsync<int>(
                    new CommandDefinition(SqlFile.Read("Joining/read_free_origins.sql"), new { others }, cancellationToken: cancel)
                ),
            cancel
        );
}
