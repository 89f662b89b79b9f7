using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Conflicts.Policies;

/// <summary>All that decisions on this node rest on, as its database has it at one moment.</summary>
/// <param name="Tables">The policies of the replicaset's tables.</param>
/// <param name="Priorities">The nodes' priorities.</param>
/// <param name="TracksCommits">Whether <c>track_commit_timestamp</c> is on.</param>
public sealed record PolicySnapshot(IReadOnlyDictionary<TableName, Policy> Tables, NodePriorities Priorities, bool TracksCommits)
{
    /// <summary>The policy of a table; last_update_wins for one that this node receives without offering it.</summary>
    public Policy Of(TableName table) => Tables.GetValueOrDefault(table, Policy.LastUpdateWins);

    /// <summary>Reads it. Throws what Npgsql throws.</summary>
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
