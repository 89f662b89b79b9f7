using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Postgres;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Peers;

/// <summary>What is said about an arbiter that did not do what it was asked for.</summary>
internal static class PeerWords
{
    /// <summary>What the other arbiter said, in its own words, which are made for users.</summary>
    public static RefusedException Refusal(PeerArbiter peer, HttpStatusCode status, string text)
    {
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return RefusedException.Unavailable(
                $"{Arbiter(peer)} does not take our API key: give its own in the section [PEERS] of arbiter.ini, as {peer.Node} = key."
            );
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(text, ApiJsonOptions.Wire.Problem);
        }
        catch (JsonException)
        {
            // No arbiter answered.
        }

        if (problem?.Detail is not { } detail)
            return RefusedException.Unavailable(
                $"{Arbiter(peer)} answered with status {(int)status}, as no arbiter does: correct its PublicURL."
            );
        return status == HttpStatusCode.ServiceUnavailable
            ? RefusedException.Unavailable($"{Arbiter(peer)} says: {detail}")
            : RefusedException.Conflict($"Node {peer.Node} says: {detail}", problem.Hint);
    }

    /// <summary>Which arbiter it is.</summary>
    public static string Arbiter(PeerArbiter peer) =>
        string.Create(CultureInfo.InvariantCulture, $"The arbiter of node {peer.Node} at {Secrets.Redact(peer.Url.ToString())}");

    /// <summary>Why it cannot be reached.</summary>
    public static string Why(Exception error) =>
        error switch
        {
            OperationCanceledException => "no answer in time",
            JsonException => "its answer cannot be read; it may be of another release, or no arbiter",
            HttpRequestException { InnerException: AuthenticationException } => "its certificate is not trusted here",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the host name is not known",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "nobody listens there",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS cannot be agreed on",
            _ => "the connection broke",
        };
}
