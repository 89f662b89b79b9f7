using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// SQL conditions that say what <see cref="PolicyRules.Decide"/> says, so that whole runs of rows are decided inside
/// the server, on rows that are locked.
/// <c>{ts}</c> is the remote commit timestamp's parameter.
/// </summary>
/// <param name="Terms">The heal's terms.</param>
/// <param name="Policy">The policy that is followed.</param>
/// <param name="At">The parameter with the remote commit timestamp.</param>
internal sealed record Contention(ApplyTerms Terms, Policy Policy, string At)
{
    private string Peer => Terms.Inbound.ToString(CultureInfo.InvariantCulture);

    /// <summary>Stamp of row <paramref name="row"/> as expressions: timestamp and origin's number.</summary>
    public (string At, string Origin) StampOf(string row) =>
        Terms.TracksCommits
            ? ($"pg_xact_commit_timestamp({row}.xmin)", $"(pg_xact_commit_timestamp_origin({row}.xmin)).roident")
            : ("null::timestamptz", "0::oid");

    /// <summary>
    /// The same as a FROM item <c>s(ts, ro)</c>, computed once a row; a function in FROM would make a tuple store for
    /// each. Not for a statement that locks rows: who had to wait for a lock gets the row as it is by then, but
    /// whatever else is in FROM as it was before.
    /// </summary>
    public string StampItem(string row) =>
        StampOf(row) is var (at, origin) ? $"cross join lateral (select {at} as ts, {origin} as ro offset 0) s" : "";

    /// <summary>
    /// Whether the row was written by the transaction that is being applied: an xid that is not older than ours, and no
    /// stamp yet.
    /// </summary>
    public static string IsOwn(string row, string at) => $"(age({row}.xmin) <= 0 and {at} is null)";

    /// <summary>
    /// Whether the row is the very version that arrives: a winner brought it before its own stream did, and what lost
    /// against it is on record.
    /// </summary>
    public string IsSameVersion((string At, string Origin) stamp) =>
        Terms.TracksCommits ? $"(coalesce({stamp.At} = {At}, false) and coalesce({Terms.NodeOf(stamp.Origin)}, -1) = {Peer})" : "false";

    /// <summary>Whether the row is certainly unknown to the remote writer: another origin wrote it later.</summary>
    public string IsNewerElsewhere((string At, string Origin) stamp) =>
        Terms.TracksCommits
            ? $"(case when {stamp.At} is null or {stamp.At} < {At} then false else {stamp.Origin} <> "
                + $"{Terms.Origin.ToString(CultureInfo.InvariantCulture)} and ({stamp.At} > {At} or "
                + $"coalesce({Terms.NodeOf(stamp.Origin)}, -1) > {Peer}) end)"
            : "false";

    /// <summary>
    /// What is recorded where two rows exclude one another: all that is overwritten; and policies that go before time
    /// decide the same on every node.
    /// </summary>
    public string HealingOfExclusion => Policy is Policy.FirstUpdateWins or Policy.NodePriority ? Recording.Final : Recording.All;

    /// <summary>What is recorded of the rows that a change overwrites.</summary>
    public string HealingOf(ChangeKind kind) => kind == ChangeKind.Insert ? HealingOfExclusion : Recording.Later;

    /// <summary>Whether the remote row wins over a row in its way, by policy alone.</summary>
    public string RemoteWins(ConflictType type, (string At, string Origin) stamp)
    {
        var node = $"coalesce({Terms.NodeOf(stamp.Origin)}, {Terms.Node.ToString(CultureInfo.InvariantCulture)})";
        var isLater = $"(coalesce({stamp.At}, '-infinity') < {At} or ({stamp.At} = {At} and {node} < {Peer}))";
        return (Policy, type) switch
        {
            (_, ConflictType.DeleteMissing or ConflictType.UpdateMissing) or (Policy.KeepLocal or Policy.Manual, _) => "false",
            (Policy.ApplyRemote, _) or (_, ConflictType.DeleteOriginDiffers) => "true",
            (Policy.NodePriority, _) =>
                $"({Terms.RankOf(Peer)} < {Terms.RankOf(node)} or ({Terms.RankOf(Peer)} = {Terms.RankOf(node)} and {isLater}))",
            (Policy.FirstUpdateWins, not ConflictType.UpdateOriginDiffers) => $"(not {isLater})",
            _ => isLater,
        };
    }

    /// <summary>
    /// The same with a decision by hand, <paramref name="decision"/>, going before the policy. An update that gives the
    /// row another key takes it away as a delete does, here as on all other nodes: a later version of the old key would
    /// be dropped by those that have moved it, and is brought back everywhere by convergence.
    /// </summary>
    public string RemoteWins(ConflictType type, (string At, string Origin) stamp, string? decision, bool movesRow) =>
        decision is null
            ? RemoteWins(movesRow ? ConflictType.DeleteOriginDiffers : type, stamp)
            : $"(case {decision} when 'apply_remote' then true when 'keep_local' then false when 'merge' then "
                + $"{(type == ConflictType.UpdateMissing ? "true" : "false")} when 'newest' then "
                + $"{(this with { Policy = Policy.LastUpdateWins }).RemoteWins(type, stamp)} else "
                + $"{RemoteWins(type, stamp, null, movesRow)} end)";

    /// <summary>Why, for the record.</summary>
    public string Reason(bool remoteWins, bool takesRowAway) =>
        Policy switch
        {
            Policy.KeepLocal => "Policy keep_local: what is here stays.",
            Policy.ApplyRemote => "Policy apply_remote: what arrives is taken.",
            Policy.Manual => "Somebody has to decide.",
            _ when remoteWins && takesRowAway => PolicyRules.TakesRowAway,
            Policy.NodePriority => remoteWins ? "The peer's priority goes first." : "The local version's node goes first.",
            Policy.FirstUpdateWins => remoteWins ? "The remote version is the earlier." : "The local version is the earlier.",
            _ => remoteWins ? "The remote version is the later." : "The local version is the later.",
        };
}
