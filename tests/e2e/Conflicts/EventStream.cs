using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>A reader of the live stream, event by event as it comes.</summary>
internal sealed class EventStream : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient client;
    private readonly IAsyncEnumerator<SseItem<string>> events;

    private EventStream(HttpClient client, IAsyncEnumerator<SseItem<string>> events) => (this.client, this.events) = (client, events);

    /// <summary>The last id that came.</summary>
    public string? LastId { get; private set; }

    public static async Task<EventStream> OpenAsync(RestApi api, string? lastId = null)
    {
        var client = new HttpClient { BaseAddress = api.Address };
        client.DefaultRequestHeaders.Add("X-API-KEY", ArbiterProcess.ApiKey);
        if (lastId is not null)
            client.DefaultRequestHeaders.Add("Last-Event-ID", lastId);
        var response = await client.GetAsync(
            new Uri("/v1/arbiter/conflicts/stream", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead
        );
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventStream(client, SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator());
    }

    /// <summary>The next event that has data, as EventSource would pass it on; null at the end of the stream.</summary>
    public async Task<(string Event, JsonNode Data)?> NextAsync()
    {
        while (await MoveAsync())
        {
            LastId = events.Current.EventId ?? LastId;
            if (events.Current.Data.Length > 0)
                return (events.Current.EventType, JsonNode.Parse(events.Current.Data)!);
        }

        return null;
    }

    // The stream ends with the connection: a reading that goes on is given up with it.
    public void Dispose() => client.Dispose();

    private async Task<bool> MoveAsync()
    {
        try
        {
            return await events.MoveNextAsync().AsTask().WaitAsync(Patience);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false;
        }
    }
}
