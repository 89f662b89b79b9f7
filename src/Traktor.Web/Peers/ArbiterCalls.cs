using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Peers;

/// <summary>
/// Calls the other arbiters through their public REST API, signed: their addresses come from the peers' databases, and
/// no key must reach whatever stands there, and nothing that it answers is used unless it proves that it has the key.
/// Redirects are not followed, and every call has a timeout.
/// </summary>
internal sealed class ArbiterCalls(SigningKeys keys, TimeProvider time) : IDisposable
{
    // Answered from memory.
    private const string Proving = "v1/arbiter/status";

    private static readonly MediaTypeHeaderValue Json = new("application/json", "utf-8");

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

    public void Dispose() => client.Dispose();

    /// <summary>
    /// Calls another arbiter for somebody; the default of <paramref name="timeout"/> is ten seconds.
    /// </summary>
    /// <exception cref="RefusedException">With the message of the other arbiter, or why it cannot be
    /// reached.</exception>
    public async Task<T> CallAsync<T>(
        PeerArbiter peer,
        Actor actor,
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
                // It may hold a password, which only an arbiter that has the key may read.
                if (
                    body is not null
                    && await SendAsync(peer, actor, HttpMethod.Get, Proving, null, limited.Token) is { IsProven: false } other
                )
                    throw other.IsSuccess ? PeerWords.Stranger(peer) : PeerWords.Refusal(peer, other.Status, other.Text);
                var received = await SendAsync(peer, actor, method, path, body, limited.Token);
                if (!received.IsSuccess)
                    throw PeerWords.Refusal(peer, received.Status, received.Text);
                return received.IsProven
                    ? JsonSerializer.Deserialize(received.Text, answer) ?? throw new JsonException()
                    : throw PeerWords.Stranger(peer);
            },
            cancel
        );
    }

    /// <summary>
    /// Another arbiter's stream, event by event, until it ends. A stream without an event for three heartbeats counts
    /// as broken.
    /// </summary>
    /// <exception cref="RefusedException">With the message of the other arbiter, or why it cannot be
    /// reached.</exception>
    public async IAsyncEnumerable<SseItem<string>> EventsAsync(
        PeerArbiter peer,
        Actor actor,
        string path,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(AnswerTimeout);
        using var request = Request(peer, actor, HttpMethod.Get, path, null, out var call);
        using var response = await TryAsync(
            peer,
            () => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token),
            cancel
        );
        if (!response.IsSuccessStatusCode)
        {
            var text = await TryAsync(peer, () => response.Content.ReadAsStringAsync(limited.Token), cancel);
            throw PeerWords.Refusal(peer, response.StatusCode, text);
        }

        if (!IsProven(peer, call, response))
            throw PeerWords.Stranger(peer);
        await using var stream = await TryAsync(peer, () => response.Content.ReadAsStreamAsync(limited.Token), cancel);
        await using var events = SseParser.Create(stream).EnumerateAsync(limited.Token).GetAsyncEnumerator(limited.Token);
        while (true)
        {
            limited.CancelAfter(StreamTimeout);
            if (!await TryAsync(peer, () => events.MoveNextAsync().AsTask(), cancel))
                yield break;
            yield return events.Current;
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
            throw RefusedException.Unavailable($"{PeerWords.Arbiter(peer)} cannot be reached: {PeerWords.Why(e)}.", e);
        }
    }

    private async Task<Received> SendAsync(
        PeerArbiter peer,
        Actor actor,
        HttpMethod method,
        string path,
        string? body,
        CancellationToken cancel
    )
    {
        using var request = Request(peer, actor, method, path, body, out var call);
        using var response = await client.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        return new Received(response.StatusCode, response.IsSuccessStatusCode, text, IsProven(peer, call, response));
    }

    private HttpRequestMessage Request(PeerArbiter peer, Actor actor, HttpMethod method, string path, string? body, out CallSignature call)
    {
        var to = CallSignature.UrlOf(peer.Url);
        var request = new HttpRequestMessage(method, new Uri(to + path));
        var content = body is null ? [] : Encoding.UTF8.GetBytes(body);
        // A proxy may take away the path of the arbiter's URL, but nothing of what follows.
        var target = request.RequestUri!.PathAndQuery[(new Uri(to).AbsolutePath.Length - 1)..];
        call = keys.For(peer.Node).Sign(CallSignature.Of(content, to, actor, time.GetUtcNow()), method.Method, target);
        request.Headers.Add(CallSignature.Header, call.ToString());
        if (body is not null)
            request.Content = new ByteArrayContent(content) { Headers = { ContentType = Json } };
        return request;
    }

    private bool IsProven(PeerArbiter peer, CallSignature call, HttpResponseMessage response) =>
        response.Headers.TryGetValues(CallSignature.ProofHeader, out var proofs)
        && keys.For(peer.Node).IsProof(call, string.Concat(proofs));

    private sealed record Received(HttpStatusCode Status, bool IsSuccess, string Text, bool IsProven);
}
