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

/// <summary>The messages about calls to other arbiters that failed.</summary>
internal static class PeerWords
{
    /// <summary>The error of the other arbiter with its own message, which is for users.</summary>
    public static RefusedException Refusal(PeerArbiter peer, HttpStatusCode status, string text)
    {
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return RefusedException.Unavailable(
                $"{Arbiter(peer)} refuses the API key of this arbiter. Enter its key in the section [PEERS] of arbiter.ini: "
                    + $"{peer.Node} = key."
            );
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(text, ApiJsonOptions.Wire.Problem);
        }
        catch (JsonException)
        {
            // The answer is not from an arbiter.
        }

        if (problem?.Detail is not { } detail)
            return RefusedException.Unavailable(
                $"{Arbiter(peer)} answered with status {(int)status}, which is not an answer of an arbiter. Correct its PublicURL."
            );
        return status == HttpStatusCode.ServiceUnavailable
            ? RefusedException.Unavailable($"{Arbiter(peer)} reports: {detail}")
            : RefusedException.Conflict($"Node {peer.Node} reports: {detail}", problem.Hint);
    }

    /// <summary>Which arbiter it is.</summary>
    public static string Arbiter(PeerArbiter peer) =>
        string.Create(CultureInfo.InvariantCulture, $"The arbiter of node {peer.Node} at {Secrets.Redact(peer.Url.ToString())}");

    /// <summary>Why it cannot be reached.</summary>
    public static string Why(Exception error) =>
        error switch
        {
            OperationCanceledException => "no answer in time",
            JsonException => "its answer cannot be read; it may be another release, or not an arbiter",
            HttpRequestException { InnerException: AuthenticationException } => "its certificate is not trusted",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the host name cannot be resolved",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "the connection failed",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "the TLS handshake failed",
            _ => "the connection was lost",
        };
}
