using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Traktor.E2ETests.Conflicts;

/// <summary>The sample of docs/feed.md, word by word.</summary>
internal static class FeedSample
{
    // sample
    public static async Task ListenAsync(Uri arbiter, string key, Action<string> say, CancellationToken cancel)
    {
        var positions = new Dictionary<int, string>();
        while (true)
        {
            try
            {
                await using var connection = new HubConnectionBuilder()
                    .WithUrl(new Uri(arbiter, "/hubs/conflicts"), options => options.Headers["X-API-KEY"] = key)
                    .Build();
                await connection.StartAsync(cancel);
                await foreach (var message in connection.StreamAsync<JsonElement>("Listen", new { positions }, cancel))
                {
                    var node = message.GetProperty("node").GetInt32();
                    foreach (var conflict in message.GetProperty("conflicts").EnumerateArray())
                        say(
                            $"node {node}: {conflict.GetProperty("relation")} {conflict.GetProperty("key")} is "
                                + $"{conflict.GetProperty("state")}"
                        );
                    if (message.GetProperty("problem").GetString() is { } problem)
                        say($"node {node}: {problem}");
                    if (message.GetProperty("position").GetString() is { } position)
                        positions[node] = position;
                }
            }
            catch (Exception) when (!cancel.IsCancellationRequested)
            {
                // The arbiter is away; it goes on from the positions.
            }

            await Task.Delay(1000, cancel);
        }
    }
    // end
}
