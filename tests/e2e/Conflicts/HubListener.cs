using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>
/// A client of the hub as docs/feed.md describes one: it keeps what it is told, node by node, and goes on from its
/// positions.
/// </summary>
internal sealed class HubListener : IAsyncDisposable
{
    private readonly HubConnection connection;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<JsonElement> messages = new();
    private Task listening = Task.CompletedTask;

    private HubListener(HubConnection connection) => this.connection = connection;

    /// <summary>What it holds: a conflict, or a snapshot in its place, takes the place of what was there.</summary>
    public ConcurrentDictionary<(int Node, long Id), JsonElement> Conflicts { get; } = new();

    /// <summary>Every conflict that it was ever told of.</summary>
    public ConcurrentDictionary<(int Node, long Id), bool> Seen { get; } = new();

    public ConcurrentDictionary<int, string> Positions { get; } = new();

    public IReadOnlyCollection<JsonElement> Messages => messages;

    public static HubConnection Connect(
        Uri address,
        string? key,
        Action<Microsoft.AspNetCore.Http.Connections.Client.HttpConnectionOptions>? more = null
    ) =>
        new HubConnectionBuilder()
            .WithUrl(
                new Uri(address, "/hubs/conflicts"),
                options =>
                {
                    if (key is not null)
                        options.Headers["X-API-KEY"] = key;
                    more?.Invoke(options);
                }
            )
            .Build();

    public static async Task<HubListener> StartAsync(
        Uri address,
        string key = ArbiterProcess.ApiKey,
        IReadOnlyDictionary<int, string>? positions = null,
        int? node = null
    )
    {
        var listener = new HubListener(Connect(address, key));
        await listener.connection.StartAsync();
        listener.listening = listener.ListenAsync(new { node, positions });
        return listener;
    }

    public bool Has(int node, long id, string? state = null) =>
        Conflicts.TryGetValue((node, id), out var conflict) && (state is null || conflict.GetProperty("state").GetString() == state);

    public Task AwaitAsync(int node, long id, string? state = null, Func<string>? diagnose = null) =>
        Eventually.TrueAsync(
            string.Create(CultureInfo.InvariantCulture, $"the hub tells of conflict {id} of node {node} as {state}"),
            () => Has(node, id, state),
            diagnose
        );

    /// <summary>Waits until the last word about a node is of this kind.</summary>
    public Task AwaitKindAsync(int node, params string[] kinds) =>
        Eventually.TrueAsync(
            $"the hub tells {string.Join(" or ", kinds)} of node {node}",
            () =>
                messages.LastOrDefault(message => message.GetProperty("node").GetInt32() == node)
                    is { ValueKind: JsonValueKind.Object } last
                && kinds.Contains(last.GetProperty("kind").GetString())
        );

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await connection.DisposeAsync();
        await listening.ContinueWith(static _ => { }, TaskScheduler.Default);
        stop.Dispose();
    }

    private async Task ListenAsync(object request)
    {
        await foreach (var message in connection.StreamAsync<JsonElement>("Listen", request, stop.Token))
        {
            var node = message.GetProperty("node").GetInt32();
            if (message.GetProperty("kind").GetString() == "snapshot")
                foreach (var known in Conflicts.Keys.Where(known => known.Node == node))
                    Conflicts.TryRemove(known, out _);
            foreach (var conflict in message.GetProperty("conflicts").EnumerateArray())
            {
                var name = (node, conflict.GetProperty("id").GetInt64());
                Conflicts[name] = conflict;
                Seen[name] = true;
            }

            if (message.GetProperty("position").GetString() is { } position)
                Positions[node] = position;
            messages.Enqueue(message);
        }
    }
}
