using System.Globalization;
using System.Text.Json;
using Dapper;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Detection;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>
/// Joins a mesh with its data, while everybody writes. Slots on all other nodes keep their changes from before the
/// source's snapshot; the source says what of them the snapshot has; the subscriptions begin there. Every step looks
/// first what is done: after a kill the task is simply run again.
/// </summary>
internal sealed class JoinTask(
    LocalNode local,
    JoinStore store,
    JoinMesh mesh,
    JoinUndo undo,
    SubscriptionControl control,
    Replicaset replicaset,
    ReplicasetCommit commit,
    TablePolicies policies,
    ComparisonControl comparisons,
    TaskStore tasks,
    TimeProvider time
) : ITaskKind
{
    /// <summary>Its name.</summary>
    public const string Kind = "join";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan KeepInterval = TimeSpan.FromSeconds(5);

    public string Name => Kind;

    public async Task<JsonElement?> RunAsync(TaskRun run, CancellationToken cancel)
    {
        var state =
            await store.FindAsync(run.Id, cancel) ?? throw RefusedException.Conflict("What the join was to do is not known any more.");
        var others = state.Peers.Where(peer => peer.Node != local.NodeId).ToList();
        var source = others.First(peer => peer.Node == state.Source);
        if (state.Phase == JoinPhase.Copying)
        {
            await PrepareAsync(run, state, others, cancel);
            await CopyAsync(run, source, others, cancel);
            await store.SetPhaseAsync(run.Id, JoinPhase.Opening, cancel);
            state = state with { Phase = JoinPhase.Opening };
        }

        var tables = await store.TablesAsync(run.Id, cancel);
        if (state.Phase == JoinPhase.Opening)
        {
            await OpenAsync(run, source, tables, cancel);
            FaultPoint.Reach(FaultPoint.JoinOpened);
            await AdvanceAsync(run, others, cancel);
            state = state with { Phase = JoinPhase.Advanced };
            FaultPoint.Reach(FaultPoint.JoinAdvanced);
        }

        if (state.Phase == JoinPhase.Advanced)
        {
            foreach (var peer in others)
            {
                await control.ResumeAsync(peer.Node, cancel);
                FaultPoint.Reach(FaultPoint.JoinResumed);
            }

            await store.SetPhaseAsync(run.Id, JoinPhase.Joined, cancel);
            await run.LogAsync("Every row is copied: this node receives what the others write.", cancel);
            await undo.DropOriginsAsync(cancel);
        }

        await CatchUpAsync(run, others, cancel);
        var found = await CompareAsync(run, state, cancel);
        var copied = await store.RangesAsync(run.Id, cancel);
        await store.DeleteAsync(run.Id, cancel);
        return JsonSerializer.SerializeToElement(
            new
            {
                source = state.Source,
                nodes = others.Select(peer => peer.Node).Append(local.NodeId).Order(),
                tables = tables.Count,
                rows = copied.Sum(range => range.RowCount),
                comparison = found.Id,
                equal = found.Equal,
                different = found.Different,
                in_flight = found.InFlight,
                problem = found.Problem,
            }
        );
    }

    public async Task UndoAsync(TaskRun run, CancellationToken cancel)
    {
        if (await store.FindAsync(run.Id, cancel) is { } state)
            await undo.UndoAsync(run, state, cancel);
    }

    /// <summary>
    /// Links this node with all others, before the source's snapshot: they receive from it, and its slots keep their
    /// changes. Its subscriptions are paused.
    /// </summary>
    private async Task PrepareAsync(TaskRun run, JoinState state, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
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
    private async Task CopyAsync(TaskRun run, JoinPeer source, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
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
                await Task.Delay(Interval * 4, time, cancel);
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

    /// <summary>
    /// Takes over the replicaset and how conflicts are decided, and has the others receive this node's tables.
    /// </summary>
    private async Task OpenAsync(TaskRun run, JoinPeer source, IReadOnlyList<CopiedTable> tables, CancellationToken cancel)
    {
        try
        {
            await mesh.Arbiters.EndAsync(source.Arbiter, run.Actor, local.NodeId, cancel);
        }
        catch (RefusedException)
        {
            // It ends by itself when nobody asks for it.
        }

        var there = await mesh.AskAsync(source, connection => PeerPolicies.ReadAsync(connection, cancel), cancel);
        await policies.SetPrioritiesAsync(there.Priorities, null, cancel);
        foreach (var table in tables)
        {
            await replicaset.StageAddAsync(table.Table.ToString(), cancel);
            var policy = there.Tables.GetValueOrDefault(table.Table, table.Policy);
            await policies.SetAsync(table.Table.ToString(), ConflictWords.Parse<Policy>(policy), table.Detector, null, cancel);
        }

        await local.AskAsync(
            connection => TriggerReconciler.EnsureAsync(connection, [.. tables.Select(table => table.Table)], cancel),
            cancel
        );
        var began = time.GetTimestamp();
        while (tables.Count > 0)
        {
            var report = await commit.CommitAsync(force: false, cancel);
            if (report.IsComplete)
                break;
            var waiting = report.Pending.SelectMany(table => table.WaitingFor.Select(one => (table.Relation, One: one))).FirstOrDefault();
            await JoinWait.OnAsync(
                waiting.One is null
                    ? "Tables of this node are not open yet."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{waiting.Relation} waits for node {waiting.One.Node}: {waiting.One.Reason}"
                    ),
                time.GetElapsedTime(began),
                what => run.WaitForAsync(what, cancel)
            );
            await Task.Delay(Interval, time, cancel);
        }

        await run.WaitForAsync(null, cancel);
    }

    /// <summary>Has each subscription begin with what the snapshot does not have.</summary>
    private async Task AdvanceAsync(TaskRun run, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
    {
        var state = (await store.FindAsync(run.Id, cancel))!;
        foreach (var peer in others)
            if (await mesh.SlotAsync(peer, cancel) is null)
                throw RefusedException.Conflict(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Node {peer.Node} has lost changes for this node (max_slot_wal_keep_size)."
                    ),
                    "Raise max_slot_wal_keep_size there, and join again."
                );
        await local.AskAsync(
            async connection =>
            {
                foreach (var peer in state.Peers.Where(peer => peer.Node != local.NodeId && peer.AppliedLsn is not null))
                {
                    var subscription =
                        await SubscriptionCatalog.FindAsync(connection, local.NodeId, peer.Node, cancel)
                        ?? throw RefusedException.Conflict(
                            string.Create(CultureInfo.InvariantCulture, $"The subscription from node {peer.Node} was dropped.")
                        );
                    await connection.ExecuteAsync(
                        new CommandDefinition(
                            "select pg_replication_origin_advance(@origin, @lsn::pg_lsn)",
                            new { origin = ObjectNames.Origin(subscription.Oid), lsn = peer.AppliedLsn },
                            cancellationToken: cancel
                        )
                    );
                }

                return true;
            },
            cancel
        );
        await store.SetPhaseAsync(run.Id, JoinPhase.Advanced, cancel);
    }

    /// <summary>Waits until this node has applied what was written until now.</summary>
    private async Task CatchUpAsync(TaskRun run, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        foreach (var peer in others)
        {
            var end = await mesh.AskAsync(
                peer,
                connection =>
                    connection.ExecuteScalarAsync<string>(
                        new CommandDefinition("select pg_current_wal_insert_lsn()::text", cancellationToken: cancel)
                    ),
                cancel
            );
            var before = "";
            while (true)
            {
                var now = await local.AskAsync(
                    connection =>
                        connection.QuerySingleAsync<(string Lsn, bool IsThere)>(
                            new CommandDefinition(
                                SqlFile.Read("Joining/read_progress.sql"),
                                new { name = ObjectNames.Subscription(local.NodeId, peer.Node), end },
                                cancellationToken: cancel
                            )
                        ),
                    cancel
                );
                if (now.IsThere)
                    break;
                if (now.Lsn != before)
                    began = time.GetTimestamp();
                before = now.Lsn;
                await JoinWait.OnAsync(
                    string.Create(CultureInfo.InvariantCulture, $"This node has not applied yet what node {peer.Node} wrote meanwhile."),
                    time.GetElapsedTime(began),
                    what => run.WaitForAsync(what, cancel)
                );
                await Task.Delay(Interval, time, cancel);
            }

            var item = (await run.ItemsAsync(cancel)).FirstOrDefault(item => item.Name == Wal(peer.Node));
            if (item is not null)
                await run.NoteAsync(item with { IsFinished = true, BytesTotal = 0 }, cancel);
        }

        await run.WaitForAsync(null, cancel);
        await run.LogAsync("This node has caught up.", cancel);
    }

    private async Task<(long? Id, int Equal, long Different, long InFlight, string? Problem)> CompareAsync(
        TaskRun run,
        JoinState state,
        CancellationToken cancel
    )
    {
        try
        {
            if ((await store.FindAsync(run.Id, cancel))?.Comparison is not { } id)
            {
                id = await comparisons.StartAsync(new ComparisonOrder(null, null, 100), run.Actor, cancel);
                await store.SetComparisonAsync(run.Id, id, cancel);
                await run.LogAsync(
                    string.Create(CultureInfo.InvariantCulture, $"Comparison {id} compares the tables on all nodes."),
                    cancel
                );
            }

            TaskEntry task;
            do task = (await tasks.WaitAsync(id, TimeSpan.FromSeconds(5), cancel)).Task;
            while (!TaskRules.IsFinal(task.State));
            var found = await comparisons.FindAsync(id, cancel);
            return (
                id,
                found.Tables.Count(table => table.IsProven),
                found.Tables.Sum(table => table.Different),
                found.Tables.Sum(table => table.InFlight),
                task.Problem ?? (task.State == TaskState.Cancelled ? "The comparison was cancelled." : null)
            );
        }
        catch (RefusedException e) when (e.Kind is not RefusalKind.Unavailable)
        {
            // The node has joined all the same.
            return (null, 0, 0, 0, e.Message);
        }
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

    private static string Wal(int node) => string.Create(CultureInfo.InvariantCulture, $"WAL kept on node {node}");
}
