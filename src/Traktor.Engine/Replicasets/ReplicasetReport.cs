using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Workers;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Replicasets;

/// <summary>Describes a table of the replicaset: its state, the peers it waits for, and what is wrong.</summary>
public static class ReplicasetReport
{
    private const int MostNamed = 3;

    /// <param name="entry">The table as stored in the database.</param>
    /// <param name="facts">Its description in the catalog; null when it does not exist.</param>
    /// <param name="subscribers">The subscribers of this node.</param>
    /// <param name="drift">The peers' different policies.</param>
    /// <param name="lacking">Who may lack rows.</param>
    public static ReplicasetTable Of(
        ReplicasetEntry entry,
        TableFacts? facts,
        IReadOnlyList<Subscriber> subscribers,
        PolicyDrift drift,
        ResyncFindings lacking
    )
    {
        // The table was dropped and created again, and so is no longer in the publication.
        var isLost = entry is { State: TableState.Committed, Opening: null, IsFlowing: false };
        return new ReplicasetTable(
            entry.Table.ToString(),
            isLost ? TableState.PendingAdd : entry.State,
            entry.Policy,
            entry.Detector,
            entry.Opening is not null,
            entry.Opening is null
                ? []
                :
                [
                    .. from subscriber in subscribers
                    let reason = WhyWaiting(entry, subscriber)
                    where reason is not null
                    select new Waiting(subscriber.Node, reason),
                ],
            [.. entry.Resync.Select(mark => mark.Node)],
            [.. Findings(entry, facts, isLost), .. lacking.Of(entry), .. drift.Findings(entry.Table)]
        )
        {
            Proof = entry.Proof,
        };
    }

    /// <summary>
    /// Why a table waits for a peer; null when it does not, because the peer has it or could receive it at once.
    /// </summary>
    public static string? WhyWaiting(ReplicasetEntry entry, Subscriber subscriber) =>
        entry.Words.GetValueOrDefault(subscriber.Node) switch
        {
            { Stage: Stage.Subscribed } => null,
            { Stage: Stage.Unable, Reason: { } reason } => reason,
            // The peer is ready; the table waits for another peer, or the peer waits for the table to be published.
            { Stage: Stage.Able } when !entry.IsClosed && !entry.AheadClosed.Contains(subscriber.Node) => null,
            { Stage: Stage.Able } when subscriber.HasArbiter => "Its arbiter has not subscribed to it yet.",
            _ when !subscriber.HasArbiter && !subscriber.IsActive =>
                "Neither its PostgreSQL nor its arbiter is connected to this node: start them, or repair the link.",
            _ when !subscriber.HasArbiter => "Its arbiter is not connected to this node: start it.",
            _ => "Its arbiter has not answered yet.",
        };

    /// <summary>Why a table waits for its own node, although every peer has it: who has written to it.</summary>
    public static string WhyWaiting(IReadOnlyList<OpenTransaction> writers)
    {
        var named = writers.Take(MostNamed).ToList();
        return $"Still open: {string.Join("; ", named.Select(one => one.InWords))}. It has written to the table, and would be sent in part "
            + $"only, so the table is opened when it ends. To end it: {string.Join(" ", named.Select(one => one.Ending))}";
    }

    private static IEnumerable<Finding> Findings(ReplicasetEntry entry, TableFacts? facts, bool isLost)
    {
        if (facts is null)
        {
            yield return new Finding(
                "missing",
                Severity.Error,
                $"{entry.Table} does not exist on this node.",
                $"Create it, or remove it from the replicaset: DELETE /v1/arbiter/replicaset/{entry.Table}."
            );
            yield break;
        }

        foreach (var finding in TableRules.Findings(facts).Concat(TableRules.Warnings(facts)))
            yield return finding;
        if (isLost)
            yield return new Finding(
                "publication",
                Severity.Error,
                $"{entry.Table} is no longer published; it was dropped and created again, or removed from the publication by hand.",
                "Open it again: PATCH /v1/arbiter/replicaset."
            );
    }
}
