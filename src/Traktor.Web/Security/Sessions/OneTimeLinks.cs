using System.Collections.Concurrent;

namespace Traktor.Web.Security.Sessions;

/// <summary>Links that sign in once without the key, within a limited time; the demo prints them.</summary>
public sealed class OneTimeLinks(TimeProvider time)
{
    /// <summary>How long a link can be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _links = new(StringComparer.Ordinal);

    /// <summary>A new link's secret, for <c>/sign-in?link=</c>.</summary>
    public string Create()
    {
        var secret = Secret.New();
        _links[Secret.Hash(secret)] = time.GetUtcNow() + Lifetime;
        return secret;
    }

    /// <summary>Redeems a link. Returns whether it was valid: not used before and not expired.</summary>
    public bool Redeem(string secret) =>
        secret.Length <= 128 && _links.TryRemove(Secret.Hash(secret), out var until) && time.GetUtcNow() <= until;
}
