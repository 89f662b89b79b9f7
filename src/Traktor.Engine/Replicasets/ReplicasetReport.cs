using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Workers;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Replicasets;

/// <summary>Puts a table of the replicaset into words: where it stands, whom it waits for, what is wrong with it.</summary>
public static class ReplicasetReport
{
    /// <param name="entry">The table as the database has it.</param>
    /// <param name="facts">What the catalog says of it; null when it does not exist.</param>
    /// <param name="subscribers">Who receives from this node.</param>
    /// <param name="drift">Where the peers decide conflicts otherwise.</param>
    public static ReplicasetTable Of(ReplicasetEntry entry, TableFacts? facts, IReadOnlyList<Subscriber> subscribers, PolicyDrift drift)
    {
        // Dropped and created again, it has left the publication with its old self.
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
            entry.Resync,
            [.. Findings(entry, facts, isLost), .. drift.Findings(entry.Table)]
        );
    }

    /// <summary>Why a table waits for a peer; null when it does not, because the peer has it or could take it at once.</summary>
    public static string? WhyWaiting(ReplicasetEntry entry, Subscriber subscriber) =>
        entry.Words.GetValueOrDefault(subscriber.Node) switch
        {
            { Stage: Stage.Subscribed } => null,
            { Stage: Stage.Unable, Reason: { } reason } => reason,
            // It is ready; the table waits for somebody else, or it for us to publish it.
            { Stage: Stage.Able } when !entry.IsClosed && !entry.AheadClosed.Contains(subscriber.Node) => null,
            { Stage: Stage.Able } when subscriber.HasArbiter => "Its arbiter has not subscribed to it yet.",
            _ when !subscriber.HasArbiter && !subscriber.IsActive =>
                "Neither its PostgreSQL nor its arbiter is connected to this node: start them, or mend the link.",
            _ when !subscriber.HasArbiter => "Its arbiter is not connected to this node: start it.",
            _ => "Its arbiter has not answered yet.",
        };

    private static IEnumerable<Finding> Findings(ReplicasetEntry entry, TableFacts? facts, bool isLost)
    {
        if (facts is null)
        {
            yield return new Finding(
                "missing",
                Severity.Error,
                $"{entry.Table} does not exist on this node.",
                $"Create it; or DELETE /v1/arbiter/replicaset/{entry.Table} takes it out of the replicaset."
            );
            yield break;
        }

        foreach (var finding in TableRules.Findings(facts))
            yield return finding;
        if (isLost)
            yield return new Finding(
                "publication",
                Severity.Error,
                $"{entry.Table} is not published any more; it was dropped and created again, or taken out by hand.",
                "PATCH /v1/arbiter/replicaset opens it again."
            );
        foreach (var node in entry.Resync)
            yield return new Finding(
                "resync",
                Severity.Warning,
                $"{entry.Table} was opened without node {node}; what was written before node {node} had it is missing there.",
                $"Copy the missing rows to node {node}."
            );
    }
}
