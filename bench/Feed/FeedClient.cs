using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Traktor.Bench.Status;

namespace Traktor.Bench.Feed;

/// <summary>A listener of the hub that notes when it was told of each conflict.</summary>
internal sealed class FeedClient : IAsyncDisposable
{
    private readonly HubConnection connection;
    private readonly CancellationTokenSource stop = new();
    private Task listening = Task.CompletedTask;

    private FeedClient(HubConnection connection) => this.connection = connection;

    /// <summary>When it was first told of each conflict.</summary>
    public ConcurrentDictionary<long, DateTimeOffset> Told { get; } = new();

    /// <summary>How often it was told that there is a gap.</summary>
    public int Gaps { get; private set; }

    public static async Task<FeedClient> StartAsync(Uri arbiter)
    {
        var client = new FeedClient(
            new HubConnectionBuilder()
                .WithUrl(new Uri(arbiter, "/hubs/conflicts"), options => options.Headers["X-API-KEY"] = ArbiterProcess.ApiKey)
                .Build()
        );
        await client.connection.StartAsync();
        client.listening = client.ListenAsync();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await connection.DisposeAsync();
        await listening.ContinueWith(static _ => { }, TaskScheduler.Default);
        stop.Dispose();
    }

    private async Task ListenAsync()
    {
        await foreach (var message in connection.StreamAsync<JsonElement>("Listen", null, stop.Token))
        {
            var now = DateTimeOffset.UtcNow;
            if (message.GetProperty("gap").GetBoolean())
                Gaps++;
            foreach (var conflict in message.GetProperty("conflicts").EnumerateArray())
                Told.TryAdd(conflict.GetProperty("id").GetInt64(), now);
        }
    }
}
