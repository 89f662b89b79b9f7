using System.Globalization;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Replicasets;

/// <summary>Says which nodes may lack rows of a table: peers of this node's rows, and this node of a peer's.</summary>
/// <param name="node">This node.</param>
/// <param name="peers">What the peers say that this node may lack, as far as known.</param>
public sealed class ResyncFindings(int node, IReadOnlyDictionary<int, IReadOnlyList<PeerResync>> peers)
{
    /// <summary>What these findings are about, as <see cref="Finding.Check"/> has it.</summary>
    public const string Check = "resync";

    /// <summary>A finding for every pair of nodes.</summary>
    public IEnumerable<Finding> Of(ReplicasetEntry entry) =>
        [
            .. entry.Resync.Select(mark => Finding(entry.Table, node, mark)),
            .. from peer in peers.OrderBy(peer => peer.Key)
            from said in peer.Value
            where said.Table == entry.Table
            select Finding(entry.Table, peer.Key, said.Mark),
        ];

    private static Finding Finding(TableName table, int sender, ResyncMark mark)
    {
        var receiver = mark.Node;
        return new Finding(
            Check,
            Severity.Warning,
            mark.Reason switch
            {
                ResyncReason.Excluded => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{table} was opened without node {receiver}, which lacks the rows that node {sender} had before {mark.Since:u}."
                ),
                ResyncReason.Subscribed => string.Create(
                    CultureInfo.InvariantCulture,
                    $"Node {receiver} receives from node {sender} since {mark.Since:u}, and may lack rows of {table} from before."
                ),
                ResyncReason.Gap => string.Create(
                    CultureInfo.InvariantCulture,
                    $"The stream of node {receiver} to node {sender} had a gap before {mark.Since:u}; "
                        + $"node {receiver} may lack rows of {table}."
                ),
                _ => string.Create(
                    CultureInfo.InvariantCulture,
                    $"Node {sender} did not publish {table} for a time before {mark.Since:u}; node {receiver} may lack rows of that time."
                ),
            },
            "Compare it, and repair what differs: POST /v1/arbiter/comparisons. A comparison that proves it equal closes this."
        );
    }
}
