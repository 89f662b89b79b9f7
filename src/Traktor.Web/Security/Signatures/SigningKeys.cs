namespace Traktor.Web.Security.Signatures;

/// <summary>The keys that sign calls to other arbiters, and those that their calls may be signed with.</summary>
/// <param name="apiKey">This arbiter's APIKey.</param>
/// <param name="readOnlyKey">Its ReadOnlyAPIKey; null when there is none.</param>
/// <param name="peerKeys">The API keys in the section [PEERS], by NodeID.</param>
public sealed class SigningKeys(string apiKey, string? readOnlyKey, IReadOnlyDictionary<int, string> peerKeys)
{
    private readonly Dictionary<int, SigningKey> _peers = peerKeys.ToDictionary(peer => peer.Key, peer => new SigningKey(peer.Value));

    /// <summary>That of this arbiter's APIKey.</summary>
    public SigningKey Own { get; } = new(apiKey);

    /// <summary>That of its ReadOnlyAPIKey; null when there is none.</summary>
    public SigningKey? ReadOnly { get; } = readOnlyKey is null ? null : new SigningKey(readOnlyKey);

    /// <summary>
    /// The one for calls to a node's arbiter: the key in the section [PEERS], else this arbiter's own.
    /// </summary>
    public SigningKey For(int node) => _peers.GetValueOrDefault(node, Own);
}
