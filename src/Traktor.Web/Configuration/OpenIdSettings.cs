using Traktor.Engine.Access;

namespace Traktor.Web.Configuration;

/// <summary>How users sign in through an OpenID provider.</summary>
/// <param name="Authority">The provider's issuer URL.</param>
/// <param name="ClientId">By which the provider knows this mesh.</param>
/// <param name="ClientSecret">The secret of that client. Never show it.</param>
/// <param name="GroupsClaim">The claim of the ID token that has the user's groups.</param>
/// <param name="Roles">The role of each group. A user has the greatest role of all groups.</param>
public sealed record OpenIdSettings(
    Uri Authority,
    string ClientId,
    string ClientSecret,
    string GroupsClaim,
    IReadOnlyDictionary<string, Role> Roles
)
{
    /// <summary>The greatest role of some groups; null when none of them has one.</summary>
    public Role? RoleOf(IEnumerable<string> groups)
    {
        Role? most = null;
        foreach (var group in groups)
            if (Roles.TryGetValue(group, out var role) && (most is null || role > most))
                most = role;
        return most;
    }

    /// <summary>The authority only: the generated text would show the secret.</summary>
    public override string ToString() => Authority.ToString();
}
