using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Peers;

/// <summary>
/// Calls the other arbiters through their public REST API. The key is not sent to the target of a redirect, and every
/// call has a timeout.
/// </summary>
/// <param name="ownKey">The API key of this arbiter; also that of each other one that <paramref name="peerKeys"/>
/// does not name.</param>
/// <param name="peerKeys">The API keys in the section [PEERS], by NodeID.</param>
internal sealed class ArbiterCalls(string ownKey, IReadOnlyDictionary<int, string> peerKeys) : IDisposable
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

    public void Dispose() => client.Dispose();

    /// <summary>Calls another arbiter; the default of <paramref name="timeout"/> is ten seconds.</summary>
    /// <exception cref="RefusedException">With the message of the other arbiter, or why it cannot be
    /// reached.</exception>
    public async Task<T> CallAsync<T>(
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
                    : throw PeerWords.Refusal(peer, response.StatusCode, text);
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
        string path,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(AnswerTimeout);
        using var response = await TryAsync(
            peer,
            () => client.SendAsync(Request(peer, HttpMethod.Get, path, null), HttpCompletionOption.ResponseHeadersRead, limited.Token),
            cancel
        );
        if (!response.IsSuccessStatusCode)
        {
            var text = await TryAsync(peer, () => response.Content.ReadAsStringAsync(limited.Token), cancel);
            throw PeerWords.Refusal(peer, response.StatusCode, text);
        }

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

    private HttpRequestMessage Request(PeerArbiter peer, HttpMethod method, string path, string? body)
    {
        var request = new HttpRequestMessage(method, new Uri(new Uri(peer.Url.AbsoluteUri.TrimEnd('/') + "/"), path));
        request.Headers.Add(ApiKey.Header, peerKeys.GetValueOrDefault(peer.Node, ownKey));
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return request;
    }
}
