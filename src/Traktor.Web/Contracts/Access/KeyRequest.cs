using Traktor.Engine.Access;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Access;

/// <summary>An API key to make.</summary>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="Expires">When it ends; null for never.</param>
internal sealed record KeyRequest(Role Role, DateTimeOffset? Expires = null) : IRequest
{
    public static string Wanted => "Send {\"role\": \"operator\"}; \"expires\": \"<ISO 8601 time>\" is optional.";
}
