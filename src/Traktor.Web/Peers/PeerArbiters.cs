using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Postgres;
using Traktor.Web.Api;
using Traktor.Web.Security;

namespace Traktor.Web.Peers;

/// <summary>
/// The other arbiters, called by the same REST API that users call. The key never leaves over a redirect, and no call
/// waits without end.
/// </summary>
/// <param name="ownKey">Our own API key, which is the others' too unless <paramref name="peerKeys"/> says
/// otherwise.</param>
/// <param name="peerKeys">API keys by NodeID, of the section [PEERS].</param>
internal sealed class PeerArbiters(string ownKey, IReadOnlyDictionary<int, string> peerKeys) : IPeerArbiters, IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // Three heartbeats of the stream.
    private static readonly TimeSpan StreamTimeout = TimeSpan.FromSeconds(45);

    private readonly HttpClient client = new(
        new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(3),
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }
    )
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<IReadOnlyList<HistoryEntry>> PendingAsync(
        PeerArbiter peer,
        string relation,
        JsonElement key,
        CancellationToken cancel
    )
    {
        var path =
            $"v1/arbiter/conflicts?state=pending&limit={HistoryFilter.LargestPage}&relation={Uri.EscapeDataString(relation)}&key={Uri.EscapeDataString(key.GetRawText())}";
        var page = await CallAsync(peer, HttpMethod.Get, path, null, ApiJsonOptions.Wire.ConflictPage, cancel);
        return page.Node == peer.Node
            ? page.Conflicts
            : throw RefusedException.Unavailable(
                $"{Arbiter(peer)} is the arbiter of node {page.Node}: correct PublicURL in the arbiter.ini of node {peer.Node}."
            );
    }

    public async Task DecideAsync(PeerArbiter peer, long id, HandDecision decision, CancellationToken cancel)
    {
        var body = new ResolutionBody(decision.Resolution, decision.Row, Scope.Node, decision.By);
        var path = string.Create(CultureInfo.InvariantCulture, $"v1/arbiter/conflicts/{id}/resolution");
        await CallAsync(
            peer,
            HttpMethod.Post,
            path,
            JsonSerializer.Serialize(body, ApiJsonOptions.Wire.ResolutionBody),
            ApiJsonOptions.Wire.DecisionReport,
            cancel
        );
    }

    public async Task SetPolicyAsync(PeerArbiter peer, string relation, Policy? policy, bool? detector, CancellationToken cancel) =>
        await CallAsync(
            peer,
            HttpMethod.Put,
            $"v1/arbiter/policy/{Uri.EscapeDataString(relation)}",
            JsonSerializer.Serialize(new PolicyRequest(policy, detector), ApiJsonOptions.Wire.PolicyRequest),
            ApiJsonOptions.Wire.PolicyChange,
            cancel
        );

    public async Task SetPrioritiesAsync(PeerArbiter peer, IReadOnlyDictionary<int, int> priorities, CancellationToken cancel) =>
        await CallAsync(
            peer,
            HttpMethod.Put,
            "v1/arbiter/priority",
            JsonSerializer.Serialize(new PriorityRequest(priorities), ApiJsonOptions.Wire.PriorityRequest),
            ApiJsonOptions.Wire.PriorityChange,
            cancel
        );

    public void Dispose() => client.Dispose();

    /// <summary>Calls another arbiter; waits ten seconds unless <paramref name="timeout"/> says otherwise.</summary>
    /// <exception cref="RefusedException">With the words of the other arbiter, or with why it cannot be reached.</exception>
    internal async Task<T> CallAsync<T>(
        PeerArbiter peer,
        HttpMethod method,
        string path,
        string? body,
        JsonTypeInfo<T> answer,
        CancellationToken cancel,
        TimeSpan? timeout = null
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(timeout ?? AnswerTimeout);
        return await TryAsync(
            peer,
            async () =>
            {
                using var request = Request(peer, method, path, body);
                using var response = await client.SendAsync(request, limited.Token);
                var text = await response.Content.ReadAsStringAsync(limited.Token);
                return response.IsSuccessStatusCode
                    ? JsonSerializer.Deserialize(text, answer) ?? throw new JsonException()
                    : throw Refusal(peer, response.StatusCode, text);
            },
            cancel
        );
    }

    /// <summary>
    /// Another arbiter's stream, line by line, until it ends; one that says nothing for longer than its heartbeat
    /// allows is broken.
    /// </summary>
    /// <exception cref="RefusedException">With the words of the other arbiter, or with why it cannot be
    /// reached.</exception>
    internal async IAsyncEnumerable<string> LinesAsync(PeerArbiter peer, string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(AnswerTimeout);
        using var response = await TryAsync(
            peer,
            () => client.SendAsync(Request(peer, HttpMethod.Get, path, null), HttpCompletionOption.ResponseHeadersRead, limited.Token),
            cancel
        );
        if (!response.IsSuccessStatusCode)
            throw Refusal(peer, response.StatusCode, await TryAsync(peer, () => response.Content.ReadAsStringAsync(limited.Token), cancel));
        using var reader = new StreamReader(await TryAsync(peer, () => response.Content.ReadAsStreamAsync(limited.Token), cancel));
        while (true)
        {
            limited.CancelAfter(StreamTimeout);
            if (await TryAsync(peer, () => reader.ReadLineAsync(limited.Token).AsTask(), cancel) is not { } line)
                yield break;
            yield return line;
        }
    }

    private static async Task<T> TryAsync<T>(PeerArbiter peer, Func<Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await call();
        }
        catch (Exception e)
            when (e is HttpRequestException or JsonException or IOException
                || (e is OperationCanceledException && !cancel.IsCancellationRequested)
            )
        {
            throw RefusedException.Unavailable($"{Arbiter(peer)} cannot be reached: {InWords(e)}.", e);
        }
    }

    private HttpRequestMessage Request(PeerArbiter peer, HttpMethod method, string path, string? body)
    {
        var request = new HttpRequestMessage(method, new Uri(new Uri(peer.Url.AbsoluteUri.TrimEnd('/') + "/"), path));
        request.Headers.Add(ApiKey.Header, peerKeys.GetValueOrDefault(peer.Node, ownKey));
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return request;
    }

    /// <summary>What the other arbiter said, in its own words, which are made for users.</summary>
    private static RefusedException Refusal(PeerArbiter peer, HttpStatusCode status, string text)
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

    private static string Arbiter(PeerArbiter peer) =>
        string.Create(CultureInfo.InvariantCulture, $"The arbiter of node {peer.Node} at {Secrets.Redact(peer.Url.ToString())}");

    private static string InWords(Exception error) =>
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
