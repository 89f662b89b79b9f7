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

    /// <summary>Conflicts, live</summary>
    /// <remarks>
    /// Server-sent events: recorded, decided and resolved, each with the conflict as the list shows it; missed, when
    /// this reader could not keep up. A client that sends the last id that it got as Last-Event-ID (EventSource does so
    /// by itself), or as the parameter after, is given what it has not seen; some of it perhaps twice. Events without
    /// data (listening, alive), which EventSource does not pass on, begin the stream and keep the connection open.
    /// </remarks>
    /// <param name="context">The call.</param>
    /// <param name="arbiter">The engine.</param>
    /// <param name="lifetime">Tells when the arbiter stops.</param>
    /// <param name="last">The last id that was seen, as EventSource sends it.</param>
    /// <param name="after">The last id that was seen: everything since comes first. Left out, and without
    /// Last-Event-ID, the stream begins now.</param>
    /// <response code="200">The stream; it ends when the arbiter stops.</response>
    internal static async Task<ServerSentEventsResult<string>> ListenAsync(
        HttpContext context,
        Arbiter arbiter,
        IHostApplicationLifetime lifetime,
        [FromHeader(Name = "Last-Event-ID"), Description("The last id that was seen.")] string? last,
        string? after = null
    )
    {
        var sent = string.IsNullOrEmpty(last) ? after : last;
        FeedPosition? since = sent is null
            ? null
            : FeedPosition.Parse(sent)
                ?? throw RefusedException.Malformed(
                    "Last-Event-ID is no id of this stream.",
                    "Send the id of the last event, or the number of a conflict."
                );
        var reader = await arbiter.Feed.ListenAsync(since, context.RequestAborted);
        context.Response.RegisterForDispose(reader);
        // A proxy that gathers the answer before it passes it on would make it no stream.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(EventsAsync(reader, lifetime.ApplicationStopping));
    }

    /// <summary>A batch as events. Only the last carries the id: who was cut off in the middle gets the whole batch again.</summary>
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

    /// <summary>What tells a reader where the stream begins, and when to come back.</summary>
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

    /// <summary>The next events, or a sign of life when none came for a while; null at the end of the feed.</summary>
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
            // The caller is gone or the arbiter stops; else it was quiet.
            return end.IsCancellationRequested ? null : [new SseItem<string>("", "alive")];
        }
    }
}
