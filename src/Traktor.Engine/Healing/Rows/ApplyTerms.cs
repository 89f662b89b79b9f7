using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Rows;

/// <summary>What holds for all rows of one heal.</summary>
/// <param name="Node">This node.</param>
/// <param name="Inbound">The peer whose transactions are applied.</param>
/// <param name="Subscription">The subscription's oid.</param>
/// <param name="Origin">Number of the subscription's replication origin (<c>roident</c>).</param>
/// <param name="OriginNodes">NodeID of each origin that rows here may carry.</param>
/// <param name="TracksCommits">Whether <c>track_commit_timestamp</c> is on.</param>
/// <param name="AutoHeal">Whether policies decide; otherwise every conflict waits for a hand.</param>
/// <param name="Priorities">The nodes' priorities.</param>
/// <param name="WritesPlainly">Whether the session writes values as <c>trktr.image</c> does.</param>
internal sealed record ApplyTerms(
    int Node,
    int Inbound,
    uint Subscription,
    uint Origin,
    IReadOnlyDictionary<uint, int> OriginNodes,
    bool TracksCommits,
    bool AutoHeal,
    NodePriorities Priorities,
    bool WritesPlainly
)
{
    /// <summary>The subscription's name.</summary>
    public string Name => ObjectNames.Subscription(Node, Inbound);

    /// <summary>The policy that is followed for a table.</summary>
    public Policy PolicyOf(TargetTable target) => AutoHeal ? PolicyRules.Effective(target.Policy, TracksCommits) : Policy.Manual;

    /// <summary>
    /// SQL for the NodeID of an origin's number, <paramref name="origin"/>; null for one that is not known (a
    /// subscription that is gone). One that came since is looked up.
    /// </summary>
    public string NodeOf(string origin) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(case {origin} when 0 then "
                + $"{Node}{string.Concat(OriginNodes.Select(pair => string.Create(CultureInfo.InvariantCulture, $" when {pair.Key} then {pair.Value}")))} "
                + $"else trktr.node_of({origin}) end)"
        );

    /// <summary>SQL for the image of a row of a table, as <c>trktr.image</c> makes it.</summary>
    public string ImageOf(TargetTable target, string row) =>
        !WritesPlainly ? $"trktr.image({row}.*)"
        : target.HoldsJson ? $"trktr.escape_json(row_to_json({row}.*))"
        : $"row_to_json({row}.*)";

    /// <summary>SQL for the rank of the node that <paramref name="node"/> yields.</summary>
    public string RankOf(string node) =>
        Priorities.Ranks.Count == 0
            ? node
            : $"(case "
                + $"{node}{string.Concat(Priorities.Ranks.Select(pair => string.Create(CultureInfo.InvariantCulture, $" when {pair.Key} then {pair.Value}")))} "
                + $"else {node} end)";

    /// <summary>Reads them. Throws what Npgsql throws.</summary>
    public static async Task<ApplyTerms> ReadAsync(
        NpgsqlConnection connection,
        int node,
        int inbound,
        uint subscription,
        bool autoHeal,
        CancellationToken cancel
    )
    {
        var origins = await Origins.OriginNodes.ReadAsync(connection, subscription, cancel);
        var tracks = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition("select current_setting('track_commit_timestamp')::boolean", cancellationToken: cancel)
        );
        var ranks = (
            await connection.QueryAsync<(int Node, int Rank)>(
                new CommandDefinition("select node_id, priority from trktr.node_priority", cancellationToken: cancel)
            )
        ).ToDictionary(row => row.Node, row => row.Rank);
        var isPlain = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                $"select coalesce(current_setting('{SessionSettings.ImageFormats}', true), '') = 'on'",
                cancellationToken: cancel
            )
        );
        return new ApplyTerms(
            node,
            inbound,
            subscription,
            origins.Own,
            origins.Nodes,
            tracks,
            autoHeal,
            new NodePriorities(ranks),
            isPlain
        );
    }
}
