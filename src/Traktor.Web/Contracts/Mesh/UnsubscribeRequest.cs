using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Mesh;

/// <summary>
/// The peer to stop receiving from. Many clients send no body with DELETE: the query can name the peer too.
/// </summary>
/// <param name="InboundNode">NodeID of the peer.</param>
/// <param name="ConnectionString">Ignored: the body that created the subscription may be sent again to drop it.</param>
internal sealed record UnsubscribeRequest(int InboundNode, string? ConnectionString = null) : IRequest
{
    public static string Wanted => "Send {\"inbound_node\": <NodeID>}.";

    public static bool IsOptional => true;
}
