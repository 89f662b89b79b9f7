using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Conflicts.Policies;

/// <summary>Everything that this node's decisions depend on, as its database has it at one moment.</summary>
/// <param name="Tables">The policies of the replicaset's tables.</param>
/// <param name="Priorities">The nodes' priorities.</param>
/// <param name="TracksCommits">Whether <c>track_commit_timestamp</c> is on.</param>
public sealed record PolicySnapshot(IReadOnlyDictionary<TableName, Policy> Tables, NodePriorities Priorities, bool TracksCommits)
{
    /// <summary>The policy of a table; last_update_wins for one that this node receives but does not publish.</summary>
    public Policy Of(TableName table) => Tables.GetValueOrDefault(table, Policy.LastUpdateWins);

    /// <summary>Reads the snapshot. Npgsql's exceptions propagate.</summary>
    public static async Task<PolicySnapshot> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var own = await PeerPolicies.ReadAsync(connection, cancel);
        var tracks = await connection.QuerySingleAsync<bool>(
            new CommandDefinition("select current_setting('track_commit_timestamp')::boolean", cancellationToken: cancel)
        );
        return new PolicySnapshot(
            own.Tables.ToDictionary(table => table.Key, table => ConflictWords.Parse<Policy>(table.Value)),
            new NodePriorities(own.Priorities),
            tracks
        );
    }
}
