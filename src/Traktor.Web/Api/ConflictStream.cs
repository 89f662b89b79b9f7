using System.Text;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Web.Api;

/// <summary>
/// Conflicts as they happen, as server-sent events
/// (<see href="https://html.spec.whatwg.org/multipage/server-sent-events.html"/>): for <c>curl -N</c> and EventSource.
/// </summary>
internal static class ConflictStream
{
    public const string ContentType = "text/event-stream";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Conflicts, live</summary>
    /// <remarks>
    /// Server-sent events: recorded, decided and resolved, each with the conflict as the list shows it; missed, when
    /// this reader could not keep up. A client that sends the last id that it got as Last-Event-ID (EventSource does so
    /// by itself), or as the parameter after, is given what it has not seen; some of it perhaps twice. Comments keep
    /// the connection open.
    /// </remarks>
    /// <param name="context">The call.</param>
    /// <param name="arbiter">The engine.</param>
    /// <param name="lifetime">Tells when the arbiter stops.</param>
    /// <param name="after">The last id that was seen: everything since comes first. Left out, and without
    /// Last-Event-ID, the stream begins now.</param>
    /// <response code="200">The stream; it ends when the arbiter stops.</response>
    internal static async Task WriteAsync(HttpContext context, Arbiter arbiter, IHostApplicationLifetime lifetime, string? after = null)
    {
        var sent = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : after;
        FeedPosition? since = sent is null
            ? null
            : FeedPosition.Parse(sent)
                ?? throw RefusedException.Malformed(
                    "Last-Event-ID is no id of this stream.",
                    "Send the id of the last event, or the number of a conflict."
                );
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var reader = await arbiter.Feed.ListenAsync(since, end.Token);

        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        // A proxy that gathers the answer before it passes it on would make it no stream.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await SendAsync(context, $": listening\nretry: 2000\nid: {reader.Start}\n\n", end.Token);
            while (await NextAsync(reader, end.Token) is { } text)
                await SendAsync(context, text, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The caller is gone, or the arbiter stops.
        }
    }

    /// <summary>A batch as text. Only its last event carries the id: who was cut off in the middle gets the whole batch again.</summary>
    internal static string Text(FeedBatch batch)
    {
        var text = new StringBuilder();
        if (batch.Missed > 0)
            text.Append(
                $"event: missed\ndata: {JsonSerializer.Serialize(new MissedEvent(batch.Missed), ApiJsonOptions.Wire.MissedEvent)}\n\n"
            );
        for (var at = 0; at < batch.Conflicts.Count; at++)
        {
            var entry = batch.Conflicts[at];
            if (at == batch.Conflicts.Count - 1)
                text.Append($"id: {batch.Position}\n");
            text.Append($"event: {Kind(entry)}\ndata: {JsonSerializer.Serialize(entry, ApiJsonOptions.Wire.HistoryEntry)}\n\n");
        }

        return text.ToString();
    }

    private static string Kind(HistoryEntry entry) =>
        entry switch
        {
            { Resolved: not null } => "resolved",
            { Decision: not null } => "decided",
            _ => "recorded",
        };

    /// <summary>The next batch, or a comment when none came for a while; null at the end of the feed.</summary>
    private static async Task<string?> NextAsync(FeedReader reader, CancellationToken cancel)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        quiet.CancelAfter(Heartbeat);
        try
        {
            return await reader.Batches.WaitToReadAsync(quiet.Token) && reader.Batches.TryRead(out var batch) ? Text(batch) : null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ": alive\n\n";
        }
    }

    private static async Task SendAsync(HttpContext context, string text, CancellationToken cancel)
    {
        await context.Response.WriteAsync(text, cancel);
        await context.Response.Body.FlushAsync(cancel);
    }
}

/// <summary>What a reader that could not keep up is told.</summary>
/// <param name="Missed">How many changes were left out; the list has them.</param>
internal sealed record MissedEvent(long Missed);
