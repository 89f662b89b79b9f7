using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>What an answer to a hostile request may be.</summary>
internal static partial class AnswerRules
{
    private const string Another = "\r\nHTTP/1.1 ";

    /// <summary>
    /// What is wrong with an answer; null when nothing is. A request whose body ends earlier than its bytes do is two
    /// requests, and has two answers.
    /// </summary>
    public static string? WhyWrong(HostileRequest request, string answer) =>
        Split(answer).Select(one => WhyOneIsWrong(request, one)).FirstOrDefault(why => why is not null);

    private static IEnumerable<string> Split(string answers)
    {
        var next = answers.IndexOf(Another, StringComparison.Ordinal);
        return next < 0 ? [answers] : [answers[..next], .. Split(answers[(next + 2)..])];
    }

    private static string? WhyOneIsWrong(HostileRequest request, string answer)
    {
        var status = HttpSocket.Status(answer);
        if (answer.Length == 0)
            return IsClosedByTheWebServer(request) ? null : "The connection was closed without an answer.";
        if (status == 0)
            return "The answer is not HTTP/1.1.";
        if (
            answer.Contains(ArbiterProcess.ApiKey, StringComparison.Ordinal)
            || answer.Contains(HostileValues.Secret, StringComparison.Ordinal)
        )
            return "The answer holds a secret.";
        if (status < 400)
            return null;
        var isProblem = HttpSocket.Header(answer, "Content-Type") == "application/problem+json";
        var detail = isProblem ? Detail(HttpSocket.Body(answer)) : null;
        if (status >= 500 && !IsDesigned(request, status, detail))
            return "It is a server error.";
        if (request.IsHead || IsConsole(answer, status) || IsOfTheHub(request, answer))
            return null;
        return detail is [.., '.' or '?'] ? null : "It is refused without a sentence as problem+json.";
    }

    /// <summary>
    /// 503 says that the server of the caller's own connection string does not answer; 505 that HTTP has no such
    /// version.
    /// </summary>
    private static bool IsDesigned(HostileRequest request, int status, string? detail) =>
        detail is not null && ((status == 503 && TheirServer().IsMatch(detail)) || (status == 505 && request.Raw is not null));

    /// <summary>
    /// The web server keeps the Content-Length that Transfer-Encoding overrides as X-Content-Length, and closes the
    /// connection where the request has such a header too. Nothing of ours has seen the request by then. RFC 9112,
    /// section 6.1, has the connection closed after a request with both in any case.
    /// </summary>
    private static bool IsClosedByTheWebServer(HostileRequest request) =>
        request.Headers.Select(header => header.Name.ToUpperInvariant()).ToHashSet() is var names
        && names.IsSupersetOf(["CONTENT-LENGTH", "TRANSFER-ENCODING", "X-CONTENT-LENGTH"]);

    // Pages and their files are no part of the API: a browser gets them, or is asked to sign in first.
    private static bool IsConsole(string answer, int status) =>
        status < 500 && HttpSocket.Header(answer, "Content-Security-Policy").Length > 0;

    // SignalR says in plain text what its own protocol lacks.
    private static bool IsOfTheHub(HostileRequest request, string answer) =>
        request.Route.Path.StartsWith("/hubs", StringComparison.Ordinal) && HttpSocket.Header(answer, "Content-Type") == "text/plain";

    private static string? Detail(string body)
    {
        // Chunked framing, where there is any, stands around the object.
        var (start, end) = (body.IndexOf('{', StringComparison.Ordinal), body.LastIndexOf('}'));
        try
        {
            return end < start || start < 0 ? null : (string?)JsonNode.Parse(body[start..(end + 1)])?["detail"];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(The server at this connection string|Node \d+|The database of the connection string) ")]
    private static partial Regex TheirServer();
}
