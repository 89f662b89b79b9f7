using System.Security.Claims;
using Traktor.Engine.Access;

namespace Traktor.Web.Security.Sessions;

/// <summary>The principal of a session.</summary>
internal static class SessionPrincipal
{
    private const string Session = "traktor_session";

    public static ClaimsPrincipal Of(string id, Actor actor) =>
        new(
            new ClaimsIdentity(
                [new Claim(Session, id), new Claim(ClaimTypes.Role, AccessWords.Of(actor.Role)), new Claim(ClaimTypes.Name, actor.Subject)],
                "Traktor"
            )
        );

    /// <summary>The id of the session; null for a listener with an API key, and without a session.</summary>
    public static string? SessionOf(ClaimsPrincipal? user) => user?.FindFirstValue(Session);
}
