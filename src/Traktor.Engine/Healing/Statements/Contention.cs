using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// SQL conditions that decide as <see cref="PolicyRules"/> does, so that the server decides whole runs of locked rows.
/// ContentionTests compares both.
/// </summary>
/// <param name="Terms">The heal's terms.</param>
/// <param name="Policy">The policy that applies.</param>
/// <param name="At">The parameter with the remote commit timestamp.</param>
internal sealed record Contention(ApplyTerms Terms, Policy Policy, string At)
{
    private string Peer => Terms.Inbound.ToString(CultureInfo.InvariantCulture);

    /// <summary>The stamp of row <paramref name="row"/> as SQL expressions: timestamp and origin number.</summary>
    public (string At, string Origin) StampOf(string row) =>
        Terms.TracksCommits
            ? ($"trktr.stamped_at({row}.tableoid, {row}.xmin)", $"(pg_xact_commit_timestamp_origin({row}.xmin)).roident")
            : ("null::timestamptz", "0::oid");

    /// <summary>
    /// The same as a FROM item <c>s(ts, ro)</c>, computed once for each row; a function in FROM would create a tuple
    /// store for each. Do not use it in a statement that locks rows: after waiting for a lock, a statement sees the new
    /// version of the locked row but everything else in FROM as it was before.
    /// </summary>
    public string StampItem(string row) =>
        StampOf(row) is var (at, origin) ? $"cross join lateral (select {at} as ts, {origin} as ro offset 0) s" : "";

    /// <summary>
    /// Whether the transaction being applied wrote the row: its xid is not older than the transaction's own, and it has
    /// no stamp yet.
    /// </summary>
    public static string IsOwn(string row, string at) => $"(age({row}.xmin) <= 0 and {at} is null)";

    /// <summary>
    /// Whether the row is the very version that arrives. A winner brought it before its own stream did, and the
    /// versions that lost against it are recorded.
    /// </summary>
    public string IsSameVersion((string At, string Origin) stamp) =>
        Terms.TracksCommits ? $"(coalesce({stamp.At} = {At}, false) and coalesce({Terms.NodeOf(stamp.Origin)}, -1) = {Peer})" : "false";

    /// <summary>Whether the remote writer cannot have seen the row, because another node wrote it later.</summary>
    public string IsNewerElsewhere((string At, string Origin) stamp) =>
        Terms.TracksCommits
            ? $"(case when {stamp.At} is null or {stamp.At} < {At} then false else {stamp.Origin} <> "
                + $"{Terms.Origin.ToString(CultureInfo.InvariantCulture)} and ({stamp.At} > {At} or "
                + $"coalesce({Terms.NodeOf(stamp.Origin)}, -1) > {Peer}) end)"
            : "false";

    /// <summary>
    /// What is recorded where rows exclude one another: every overwritten row. Under policies that do not go by time
    /// the decision is final, because every node decides the same.
    /// </summary>
    public string HealingOfExclusion => Policy is Policy.FirstUpdateWins or Policy.NodePriority ? Recording.Final : Recording.All;

    /// <summary>What is recorded of the rows that a change overwrites.</summary>
    public string HealingOf(ChangeKind kind) => kind == ChangeKind.Insert ? HealingOfExclusion : Recording.Later;

    /// <summary>Whether the policy lets the remote row win over a local row.</summary>
    public string RemoteWins(ConflictType type, (string At, string Origin) stamp)
    {
        var node = $"coalesce({Terms.NodeOf(stamp.Origin)}, {Terms.Node.ToString(CultureInfo.InvariantCulture)})";
        var at = $"coalesce({stamp.At}, '-infinity')";
        var isLater = $"({at} < {At} or ({at} = {At} and {node} < {Peer}))";
        var isUnknown = $"{stamp.At} < {Stamp.LeastKnownSql}";
        return (Policy, type) switch
        {
            (_, ConflictType.DeleteMissing or ConflictType.UpdateMissing) or (Policy.KeepLocal or Policy.Manual, _) => "false",
            (Policy.ApplyRemote, _) or (_, ConflictType.DeleteOriginDiffers) => "true",
            (Policy.NodePriority, _) =>
                $"(coalesce({isUnknown}, false) or {Terms.RankOf(Peer)} < {Terms.RankOf(node)} or ({Terms.RankOf(Peer)} = "
                    + $"{Terms.RankOf(node)} and {isLater}))",
            (Policy.FirstUpdateWins, not ConflictType.UpdateOriginDiffers) =>
                $"(coalesce({isUnknown}, false) or {at} > {At} or ({at} = {At} and {node} > {Peer}))",
            _ => isLater,
        };
    }

    /// <summary>
    /// The same with a decision, <paramref name="decision"/>, that has precedence over the policy. An update that
    /// changes the key removes the row of the old key as a delete does, on this node as on all others: nodes that have
    /// moved the row would drop a later version of the old key, and convergence restores that version on every node.
    /// </summary>
    public string RemoteWins(ConflictType type, (string At, string Origin) stamp, string? decision, bool movesRow) =>
        decision is null
            ? RemoteWins(movesRow ? ConflictType.DeleteOriginDiffers : type, stamp)
            : $"(case {decision} when 'apply_remote' then true when 'keep_local' then false when 'merge' then "
                + $"{(type == ConflictType.UpdateMissing ? "true" : "false")} when 'newest' then "
                + $"{Newest.RemoteWins(type, stamp)} else "
                + $"{RemoteWins(type, stamp, null, movesRow)} end)";

    /// <summary>How the decision newest decides.</summary>
    private Contention Newest => this with { Policy = PolicyRules.Effective(Policy.LastUpdateWins, Terms.TracksCommits) };

    /// <summary>The reason, for the record.</summary>
    public string Reason(bool remoteWins, bool takesRowAway) =>
        Policy switch
        {
            Policy.KeepLocal => "Policy keep_local: the local version stays.",
            Policy.ApplyRemote => "Policy apply_remote: the remote version is applied.",
            Policy.Manual => "A decision is needed.",
            _ when remoteWins && takesRowAway => PolicyRules.TakesRowAway,
            Policy.NodePriority => remoteWins ? "The remote version's node has priority." : "The local version's node has priority.",
            Policy.FirstUpdateWins => remoteWins ? "The remote version is earlier." : "The local version is earlier.",
            _ => remoteWins ? "The remote version is later." : "The local version is later.",
        };
}
