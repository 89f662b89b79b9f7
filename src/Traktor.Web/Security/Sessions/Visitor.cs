using Microsoft.AspNetCore.Components.Authorization;
using Traktor.Engine;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// The visitor of a page, one for each circuit. The role is read each time: the session may have ended in another
/// window.
/// </summary>
public sealed class Visitor(AuthenticationStateProvider authentication, SignInSessions sessions)
{
    /// <summary>The role of the visitor now; null when signed out.</summary>
    public async Task<Role?> RoleAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        return SessionPrincipal.SessionOf(state.User) is { } id ? sessions.Use(id) : null;
    }

    /// <summary>Call it before every change, whatever buttons the page shows.</summary>
    /// <exception cref="RefusedException">Signed out, or signed in with the read-only key.</exception>
    public async Task DemandChangeAsync()
    {
        if (await RoleAsync() != Role.Administrator)
            throw RefusedException.Conflict("This session cannot change anything.", "Sign in with the APIKey of this arbiter.");
    }
}
