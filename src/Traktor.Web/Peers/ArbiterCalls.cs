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
using Traktor.Engine.NodeKeys;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Peers;

/// <summary>
/// Calls the other arbiters through their public REST API, signed with the key of this node: their addresses come from
/// the peers' databases, and nothing that is of use must reach whatever stands there. Nothing that it answers is used
/// unless it proves that it has the key that this node's database has for the node that is called. Redirects are not
/// followed, and every call has a timeout.
/// </summary>
internal sealed class ArbiterCalls(KeyDirectory keys, TimeProvider time) : IDisposable
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
                // It may hold a password, which only the arbiter of that node may read.
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
        var call = await CallAsync(peer, actor, HttpMethod.Get, path, null, cancel);
        using var request = call.Request;
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

        if (!await IsProvenAsync(peer, call, response, cancel))
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
        var call = await CallAsync(peer, actor, method, path, body, cancel);
        using var request = call.Request;
        using var response = await client.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        return new Received(response.StatusCode, response.IsSuccessStatusCode, text, await IsProvenAsync(peer, call, response, cancel));
    }

    private async Task<Call> CallAsync(
        PeerArbiter peer,
        Actor actor,
        HttpMethod method,
        string path,
        string? body,
        CancellationToken cancel
    )
    {
        if (keys.Own is null || keys.Find(peer.Node) is null)
            await keys.RefreshAsync(cancel);
        var own = keys.Own ?? throw PeerWords.NoKeys(keys.Node);
        var expected = keys.Find(peer.Node) ?? throw PeerWords.Unknown(peer, keys.Node);
        var to = CallSignature.UrlOf(peer.Url);
        var request = new HttpRequestMessage(method, new Uri(to + path));
        var content = body is null ? [] : Encoding.UTF8.GetBytes(body);
        // A proxy may take away the path of the arbiter's URL, but nothing of what follows.
        var target = request.RequestUri!.PathAndQuery[(new Uri(to).AbsolutePath.Length - 1)..];
        var signature = CallSignature.Of((keys.Node, peer.Node), content, to, actor, time.GetUtcNow()).SignedBy(own, method.Method, target);
        request.Headers.Add(CallSignature.Header, signature.ToString());
        if (body is not null)
            request.Content = new ByteArrayContent(content) { Headers = { ContentType = Json } };
        return new Call(request, signature, expected);
    }

    private async Task<bool> IsProvenAsync(PeerArbiter peer, Call call, HttpResponseMessage response, CancellationToken cancel)
    {
        if (!response.Headers.TryGetValues(CallSignature.ProofHeader, out var proofs))
            return false;
        var proof = string.Concat(proofs);
        // Also when the node has left with this very call.
        if (call.Signature.IsProof(call.Expected, proof))
            return true;
        // It may have made a new key a moment ago.
        await keys.RefreshAsync(cancel);
        return keys.Find(peer.Node) is { } now && call.Signature.IsProof(now, proof);
    }

    private sealed record Call(HttpRequestMessage Request, CallSignature Signature, PublicKey Expected);

    private sealed record Received(HttpStatusCode Status, bool IsSuccess, string Text, bool IsProven);
}
