using System.Globalization;
using System.Security.Claims;

namespace Traktor.Web.Security.Sessions;

/// <summary>The principal of a session.</summary>
internal static class SessionPrincipal
{
    private const string Session = "traktor_session";

    public static ClaimsPrincipal Of(string id, Role role) =>
        new(
            new ClaimsIdentity(
                [
                    new Claim(Session, id),
                    new Claim(ClaimTypes.Role, role.ToString()),
                    new Claim(ClaimTypes.Name, string.Create(CultureInfo.InvariantCulture, $"{role} {id[..8]}")),
                ],
                "Traktor"
            )
        );

    /// <summary>The id of the session; null for a listener with an API key, and without a session.</summary>
    public static string? SessionOf(ClaimsPrincipal? user) => user?.FindFirstValue(Session);
}
