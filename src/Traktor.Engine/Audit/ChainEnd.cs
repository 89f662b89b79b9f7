namespace Traktor.Engine.Audit;

/// <summary>The last entry that another node has of a chain.</summary>
/// <param name="Peer">The other node.</param>
/// <param name="Incarnation">The chain.</param>
/// <param name="Number">The entry's number.</param>
/// <param name="Hash">Its hash.</param>
public sealed record ChainEnd(int Peer, Guid Incarnation, long Number, byte[] Hash)
{
    /// <summary>The end of a chain as a node reports it.</summary>
    public static ChainEnd Of(int peer, AuditChainReport chain) =>
        new(peer, chain.Incarnation, chain.Last, Convert.FromHexString(chain.LastHash));
}
