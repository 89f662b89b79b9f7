using System.Net;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>A reader of the live stream, line by line as it comes.</summary>
internal sealed class EventStream : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient client;
    private readonly StreamReader reader;

    private EventStream(HttpClient client, StreamReader reader) => (this.client, this.reader) = (client, reader);

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
        return new EventStream(client, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<(string Event, JsonNode Data)?> NextAsync()
    {
        var (kind, data) = ("message", (string?)null);
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                LastId = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length == 0 && data is not null)
                return (kind, JsonNode.Parse(data)!);
        }

        return null;
    }

    public void Dispose()
    {
        reader.Dispose();
        client.Dispose();
    }

    private async Task<string?> LineAsync()
    {
        try
        {
            return await reader.ReadLineAsync().WaitAsync(Patience);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }
    }
}
