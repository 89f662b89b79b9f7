using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Postgres;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Peers;

/// <summary>The messages about calls to other arbiters that failed.</summary>
internal static class PeerWords
{
    /// <summary>The error of the other arbiter with its own message, which is for users.</summary>
    public static RefusedException Refusal(PeerArbiter peer, HttpStatusCode status, string text)
    {
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
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests => RefusedException.Unavailable(
                $"{Arbiter(peer)} refuses the calls of this arbiter: {detail} {problem.Hint}".TrimEnd()
            ),
            HttpStatusCode.ServiceUnavailable => RefusedException.Unavailable($"{Arbiter(peer)} reports: {detail}"),
            _ => RefusedException.Conflict($"Node {peer.Node} reports: {detail}", problem.Hint),
        };
    }

    /// <summary>The error when what answers does not have the key of the node.</summary>
    public static RefusedException Stranger(PeerArbiter peer) =>
        RefusedException.Unavailable(
            $"{Arbiter(peer)} does not prove that it has the key of node {peer.Node}: something else stands at this URL, or a proxy drops "
                + $"the header {CallSignature.ProofHeader}. Correct PublicURL in the arbiter.ini of node {peer.Node}, and restart it."
        );

    /// <summary>The error when this node has no key of the node that is to be called.</summary>
    public static RefusedException Unknown(PeerArbiter peer, int self) =>
        RefusedException.Unavailable(
            $"Node {peer.Node} is not known here yet: node {self} has no key of it. Subscribe node {self} to node {peer.Node}. If it is "
                + $"subscribed, wait until the arbiter of node {peer.Node} and both servers run."
        );

    /// <summary>The error when this node has no key of its own.</summary>
    public static RefusedException NoKeys(int self) =>
        RefusedException.Unavailable(
            $"Node {self} cannot sign calls to other arbiters: it is not initialised, or its PostgreSQL server has not answered since its "
                + $"arbiter started. Start that server, or initialise the node."
        );

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
