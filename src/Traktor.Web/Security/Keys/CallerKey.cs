using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Security.Keys;

/// <summary>Whose a key is.</summary>
/// <param name="Actor">The holder; null when no key was sent, or an unknown or expired one.</param>
/// <param name="Account">The key's account; null for a key of <c>arbiter.ini</c>.</param>
/// <param name="IsMissing">Whether no key was sent.</param>
public sealed record CallerKey(Actor? Actor, Account? Account = null, bool IsMissing = false)
{
    /// <summary>No key was sent (401).</summary>
    public static CallerKey Missing { get; } = new(null, IsMissing: true);

    /// <summary>An unknown or expired key was sent (403).</summary>
    public static CallerKey Wrong { get; } = new((Actor?)null);
}
