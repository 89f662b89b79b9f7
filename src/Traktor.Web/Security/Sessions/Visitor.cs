using Microsoft.AspNetCore.Components.Authorization;
using Traktor.Engine;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// Whoever looks at a page, one a circuit. What is asked for here is what the session may do now: it may have ended in
/// another window.
/// </summary>
public sealed class Visitor(AuthenticationStateProvider authentication, SignInSessions sessions)
{
    /// <summary>What the visitor may do now; null when signed out.</summary>
    public async Task<Role?> RoleAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        return SessionPrincipal.SessionOf(state.User) is { } id ? sessions.Use(id) : null;
    }

    /// <summary>To be asked before anything is changed, whatever the page's buttons look like.</summary>
    /// <exception cref="RefusedException">Signed out, or signed in with the read-only key.</exception>
    public async Task DemandChangeAsync()
    {
        if (await RoleAsync() != Role.Administrator)
            throw RefusedException.Conflict("You may look, but not change anything.", "Sign in with the APIKey of this arbiter.");
    }
}
