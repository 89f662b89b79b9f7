using System.Globalization;
using Dapper;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Detection;
using Traktor.Engine.Nodes;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>The second part of a join: the others receive this node's tables, and its subscriptions begin.</summary>
internal sealed class JoinOpening(
    LocalNode local,
    JoinStore store,
    JoinMesh mesh,
    Replicaset replicaset,
    ReplicasetCommit commit,
    TablePolicies policies,
    TimeProvider time
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Takes over the replicaset and how conflicts are decided, and has the others receive this node's tables.
    /// </summary>
    public async Task OpenAsync(TaskRun run, JoinPeer source, IReadOnlyList<CopiedTable> tables, CancellationToken cancel)
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
    public async Task AdvanceAsync(TaskRun run, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
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
}
