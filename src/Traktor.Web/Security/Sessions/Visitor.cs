using Microsoft.AspNetCore.Components.Authorization;
using Traktor.Engine;
using Traktor.Engine.Access;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// The visitor of a page, one for each circuit. The session is read each time: it may have ended in another window.
/// </summary>
public sealed class Visitor(AuthenticationStateProvider authentication, SignInSessions sessions)
{
    /// <summary>Who the visitor is now; null when signed out.</summary>
    public async Task<Actor?> ActorAsync() =>
        await SessionAsync() is { } id && sessions.Use(id) is { } actor ? actor with { Channel = Channel.Console } : null;

    /// <summary>The id of the visitor's session; null when signed out.</summary>
    public async Task<string?> SessionAsync() => SessionPrincipal.SessionOf((await authentication.GetAuthenticationStateAsync()).User);

    /// <summary>For whom a page changes something.</summary>
    /// <exception cref="RefusedException">Forbidden: the visitor is signed out.</exception>
    public async Task<Actor> DemandActorAsync() =>
        await ActorAsync() ?? throw RefusedException.Forbidden("The session has ended.", "Sign in again.");
}
