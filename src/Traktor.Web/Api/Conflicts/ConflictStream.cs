using System.ComponentModel;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Json;

namespace Traktor.Web.Api.Conflicts;

/// <summary>
/// Conflicts as they happen, as server-sent events
/// (<see href="https://html.spec.whatwg.org/multipage/server-sent-events.html"/>): for <c>curl -N</c> and EventSource.
/// </summary>
internal static class ConflictStream
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>Live conflicts</summary>
    /// <remarks>
    /// Server-sent events: recorded, decided and resolved, each with the conflict as in the list; missed, when the
    /// client reads too slowly. A client that sends the last id it has received as Last-Event-ID (EventSource does so
    /// by itself), or as the parameter after, receives everything that it has not seen, and perhaps some conflicts
    /// twice. Events without data (listening, alive), which EventSource ignores, begin the stream and keep the
    /// connection open.
    /// </remarks>
    /// <param name="context">The call.</param>
    /// <param name="arbiter">The engine.</param>
    /// <param name="lifetime">The lifetime of the host.</param>
    /// <param name="last">The last id that the client has received, as EventSource sends it.</param>
    /// <param name="after">The last id that the client has received; the stream begins after it. Without it and without
    /// Last-Event-ID the stream begins now.</param>
    /// <response code="200">The stream; it ends when the arbiter stops.</response>
    internal static async Task<ServerSentEventsResult<string>> ListenAsync(
        HttpContext context,
        Arbiter arbiter,
        IHostApplicationLifetime lifetime,
        [FromHeader(Name = "Last-Event-ID"), Description("The last id that the client has received.")] string? last,
        string? after = null
    )
    {
        var sent = string.IsNullOrEmpty(last) ? after : last;
        FeedPosition? since = sent is null
            ? null
            : FeedPosition.Parse(sent)
                ?? throw RefusedException.Malformed(
                    "Last-Event-ID is not an id of this stream.",
                    "Send the id of the last event, or the number of a conflict."
                );
        var reader = await arbiter.Feed.ListenAsync(since, context.RequestAborted);
        context.Response.RegisterForDispose(reader);
        // Without this header some proxies buffer the answer.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(EventsAsync(reader, lifetime.ApplicationStopping));
    }

    /// <summary>
    /// A batch as events. Only the last has the id: a client that is disconnected in between receives the whole batch
    /// again.
    /// </summary>
    internal static IEnumerable<SseItem<string>> Events(FeedBatch batch)
    {
        if (batch.Missed > 0)
            yield return new SseItem<string>(
                JsonSerializer.Serialize(new MissedEvent(batch.Missed), ApiJsonOptions.Wire.MissedEvent),
                "missed"
            );
        for (var at = 0; at < batch.Conflicts.Count; at++)
            yield return new SseItem<string>(
                JsonSerializer.Serialize(batch.Conflicts[at], ApiJsonOptions.Wire.HistoryEntry),
                Kind(batch.Conflicts[at])
            )
            {
                EventId = at == batch.Conflicts.Count - 1 ? batch.Position.ToString() : null,
            };
    }

    /// <summary>The first event: where the stream begins, and after which time to reconnect.</summary>
    internal static SseItem<string> Start(FeedPosition position) =>
        new("", "listening") { EventId = position.ToString(), ReconnectionInterval = Retry };

    private static string Kind(HistoryEntry entry) =>
        entry switch
        {
            { Resolved: not null } => "resolved",
            { Decision: not null } => "decided",
            _ => "recorded",
        };

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        FeedReader reader,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken aborted = default
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        yield return Start(reader.Start);
        while (await NextAsync(reader, end.Token) is { } events)
            foreach (var item in events)
                yield return item;
    }

    /// <summary>
    /// The next events, or a heartbeat when there were none for a while; null at the end of the feed.
    /// </summary>
    private static async Task<IEnumerable<SseItem<string>>?> NextAsync(FeedReader reader, CancellationToken end)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(end);
        quiet.CancelAfter(Heartbeat);
        try
        {
            return await reader.Batches.WaitToReadAsync(quiet.Token) && reader.Batches.TryRead(out var batch) ? Events(batch) : null;
        }
        catch (OperationCanceledException)
        {
            // The client has disconnected or the arbiter stops; else there were no events.
            return end.IsCancellationRequested ? null : [new SseItem<string>("", "alive")];
        }
    }
}
