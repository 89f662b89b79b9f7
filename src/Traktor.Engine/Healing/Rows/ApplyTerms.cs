using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Rows;

/// <summary>What applies to all rows of one heal.</summary>
/// <param name="Node">This node.</param>
/// <param name="Inbound">The peer whose transactions are applied.</param>
/// <param name="Subscription">The subscription's oid.</param>
/// <param name="Origin">The number of the subscription's replication origin (<c>roident</c>).</param>
/// <param name="OriginNodes">The NodeID of each origin that local rows may carry.</param>
/// <param name="TracksCommits">Whether <c>track_commit_timestamp</c> is on.</param>
/// <param name="AutoHeal">Whether policies decide; otherwise every conflict needs a decision.</param>
/// <param name="Priorities">The nodes' priorities.</param>
/// <param name="WritesPlainly">Whether the session's output settings already give the text that <c>trktr.image</c>
/// gives.</param>
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

    /// <summary>The policy that applies to a table.</summary>
    public Policy PolicyOf(TargetTable target) => AutoHeal ? PolicyRules.Effective(target.Policy, TracksCommits) : Policy.Manual;

    /// <summary>
    /// SQL for the NodeID of the origin number <paramref name="origin"/>; null when the origin is unknown because its
    /// subscription was dropped. An origin created after the heal began is looked up.
    /// </summary>
    public string NodeOf(string origin) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(case {origin} when 0 then {Node}{Cases(OriginNodes)} else trktr.node_of({origin}) end)"
        );

    /// <summary>The branches of a CASE, each with a number.</summary>
    private static string Cases<T>(IEnumerable<KeyValuePair<T, int>> pairs) =>
        string.Concat(pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $" when {pair.Key} then {pair.Value}")));

    /// <summary>SQL for a row's image, as <c>trktr.image</c> writes it.</summary>
    public string ImageOf(TargetTable target, string row) =>
        !WritesPlainly ? $"trktr.image({row}.*)"
        : target.HoldsJson ? $"trktr.escape_json(row_to_json({row}.*))"
        : $"row_to_json({row}.*)";

    /// <summary>SQL for the rank of the node that <paramref name="node"/> yields.</summary>
    public string RankOf(string node) => Priorities.Ranks.Count == 0 ? node : $"(case {node}{Cases(Priorities.Ranks)} else {node} end)";

    /// <summary>Reads the terms. Npgsql's exceptions propagate.</summary>
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
