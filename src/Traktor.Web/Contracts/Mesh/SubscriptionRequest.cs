using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Mesh;

/// <summary>The peer to receive from, and the connection string of its database.</summary>
/// <param name="InboundNode">NodeID of the peer.</param>
/// <param name="ConnectionString">The peer's database as a libpq connection string, keyword/value or URI form.</param>
internal sealed record SubscriptionRequest(int InboundNode, string ConnectionString) : IRequest
{
    public static string Wanted => "Send {\"inbound_node\": <NodeID>, \"connection_string\": \"<libpq connection string>\"}.";
}
