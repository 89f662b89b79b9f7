using Dapper;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;

namespace Traktor.Engine.Conflicts.Policies;

/// <summary>
/// Reads and sets how this node decides conflicts, and on request the whole mesh. The healer checks it between
/// transactions, so a change applies to the next ones.
/// </summary>
public sealed class TablePolicies(LocalNode local, MeshArbiters mesh, IPeerArbiters? peers)
{
    /// <summary>The policies and priorities of this node.</summary>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public Task<PolicyReport> ReadAsync(CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                var now = await PolicySnapshot.ReadAsync(connection, cancel);
                return new PolicyReport(
                    local.NodeId,
                    [
                        .. now
                            .Tables.Select(table => new TablePolicy(table.Key.ToString(), table.Value))
                            .OrderBy(table => table.Relation, StringComparer.Ordinal),
                    ],
                    Ranks(now.Priorities, await NodeDirectory.ReadAsync(connection, cancel)),
                    now.TracksCommits
                );
            },
            cancel
        );

    /// <summary>
    /// Sets a table's policy, and whether its silent conflicts are detected (null leaves either unchanged), on this
    /// node, and then for <paramref name="actor"/> on the peers; null for this node only.
    /// </summary>
    /// <exception cref="RefusedException">Malformed name; NotFound when the table is not in this node's replicaset;
    /// Unavailable.</exception>
    public async Task<PolicyChange> SetAsync(string table, Policy? policy, bool? detector, Actor? actor, CancellationToken cancel)
    {
        var written = TableName.Parse(table);
        var (name, row) = await local.AskAsync(
            async connection =>
            {
                var parameters = new
                {
                    schema = written.Schema,
                    name = written.Name,
                    foldedSchema = written.Folded().Schema,
                    foldedName = written.Folded().Name,
                    policy = policy is { } wanted ? ConflictWords.Of(wanted) : null,
                    detector,
                };
                var row =
                    await connection.QuerySingleOrDefaultAsync<Row>(
                        new CommandDefinition(SqlFile.Read("Conflicts/Policies/set_policy.sql"), parameters, cancellationToken: cancel)
                    )
                    ?? throw RefusedException.NotFound(
                        $"{written} is not in the replicaset of node {local.NodeId}.",
                        $"Stage it first: PUT /v1/arbiter/replicaset/{written}."
                    );
                await connection.ExecuteAsync(new CommandDefinition(PublicationSql.Notify, cancellationToken: cancel));
                return (new TableName(row.Schema, row.Name), row);
            },
            cancel
        );
        var others = await AskPeersAsync(
            (arbiters, peer, by, stop) => arbiters.SetPolicyAsync(peer, by, name.ToString(), policy, detector, stop),
            actor,
            cancel
        );
        return new PolicyChange(
            name.ToString(),
            ConflictWords.Parse<Policy>(row.Policy),
            row.Detector,
            row.Policy != row.Was || row.Detector != row.WasDetector,
            others
        );
    }

    /// <summary>Replaces all priorities, on this node, and then on the peers.</summary>
    /// <param name="priorities">Ranks by NodeID. Other nodes rank by their NodeID.</param>
    /// <param name="actor">For whom they are set on the peers too; null for this node only.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Malformed NodeID; Conflict when the node is not initialised;
    /// Unavailable.</exception>
    public async Task<PriorityChange> SetPrioritiesAsync(IReadOnlyDictionary<int, int> priorities, Actor? actor, CancellationToken cancel)
    {
        if (priorities.Keys.Any(node => node is < 0 or > short.MaxValue))
            throw RefusedException.Malformed("NodeID must be an integer from 0 to 32767.");
        var (changed, ranks) = await local.AskAsync(
            async connection =>
            {
                var parameters = new { nodes = priorities.Keys.ToArray(), ranks = priorities.Values.ToArray() };
                var rows = await connection.ExecuteScalarAsync<long>(
                    new CommandDefinition(SqlFile.Read("Conflicts/Policies/set_priorities.sql"), parameters, cancellationToken: cancel)
                );
                await connection.ExecuteAsync(new CommandDefinition(PublicationSql.Notify, cancellationToken: cancel));
                return (rows > 0, Ranks(new NodePriorities(priorities), await NodeDirectory.ReadAsync(connection, cancel)));
            },
            cancel
        );
        return new PriorityChange(
            ranks,
            changed,
            await AskPeersAsync((arbiters, peer, by, stop) => arbiters.SetPrioritiesAsync(peer, by, priorities, stop), actor, cancel)
        );
    }

    private IReadOnlyList<NodeRank> Ranks(NodePriorities priorities, IReadOnlyList<KnownNode> known) =>
        [
            .. known
                .Select(node => node.Node)
                .Append(local.NodeId)
                .Union(priorities.Ranks.Keys)
                .Select(node => new NodeRank(node, priorities.RankOf(node), priorities.Ranks.ContainsKey(node)))
                .OrderBy(rank => (rank.Priority, rank.Node)),
        ];

    private async Task<IReadOnlyList<NodeAnswer>> AskPeersAsync(
        Func<IPeerArbiters, PeerArbiter, Actor, CancellationToken, Task> ask,
        Actor? actor,
        CancellationToken cancel
    )
    {
        List<NodeAnswer> nodes = [new(local.NodeId, AnswerKind.Done)];
        if (actor is not null && peers is not null)
            nodes.AddRange(
                await mesh.AskAllAsync(
                    async (peer, stop) =>
                    {
                        await ask(peers, peer, actor, stop);
                        return [new NodeAnswer(peer.Node, AnswerKind.Done)];
                    },
                    cancel
                )
            );
        return nodes;
    }

    private sealed record Row(string Schema, string Name, string Policy, bool Detector, string Was, bool WasDetector);
}
