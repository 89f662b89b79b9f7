using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Access;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Audit;

/// <summary>
/// Records what is done: an entry before, without which nothing is done, and one after. The second is kept in memory
/// while the server does not take it; <see cref="FlushAsync"/> writes it later.
/// </summary>
public sealed partial class AuditRecorder(AuditLog audit, TimeProvider time, ILogger<AuditRecorder> log)
{
    private const int MostPending = 10_000;

    // Whoever may do nothing must not be able to fill the log.
    private static readonly TimeSpan DenialInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly ConcurrentQueue<AuditDraft> pending = new();
    private readonly ConcurrentDictionary<(string Kind, string Name, string Action), DateTimeOffset> denials = new();

    /// <summary>Does something and records it.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="action">What is done.</param>
    /// <param name="target">What it is done to; null for the node.</param>
    /// <param name="state">Reads the target, told whether the change is done; null where there is nothing to
    /// read.</param>
    /// <param name="change">Does it.</param>
    /// <exception cref="RefusedException">It cannot be recorded, and nothing was done; or what the change
    /// throws.</exception>
    public async Task<T> RunAsync<T>(
        Actor actor,
        ArbiterAction action,
        string? target,
        Func<bool, Task<object?>>? state,
        Func<Task<T>> change
    )
    {
        var draft = new AuditDraft(
            AuditActor.Of(actor),
            action.Name,
            target,
            AuditOutcome.Requested,
            Before: await LookAsync(state, false)
        );
        var request = await RequestAsync(action, draft);
        try
        {
            var result = await change();
            await EndAsync(draft, request, AuditOutcome.Done, null, await LookAsync(state, true));
            return result;
        }
        catch (RefusedException e)
        {
            await EndAsync(draft, request, AuditOutcome.Refused, e.Message, null);
            throw;
        }
        catch (Exception e)
        {
            await EndAsync(draft, request, AuditOutcome.Failed, $"It ended with an error: {PostgresErrors.InWords(e)}.", null);
            throw;
        }
    }

    /// <summary>Records something that is done already and changed no target. Never throws.</summary>
    public Task NoteAsync(AuditActor by, string action) =>
        EndAsync(new AuditDraft(by, action, null, AuditOutcome.Done), null, AuditOutcome.Done, null, null);

    /// <summary>
    /// Records that somebody was not let do something, at most once a minute for each of them and each action. Never
    /// throws.
    /// </summary>
    public async Task DenyAsync(AuditActor by, string action, string? target, string why)
    {
        var now = time.GetUtcNow();
        foreach (var old in denials.Where(denial => now - denial.Value >= DenialInterval))
            denials.TryRemove(old);
        if (denials.TryAdd((by.Kind, by.Name, action), now))
            await EndAsync(new AuditDraft(by, action, target, AuditOutcome.Denied), null, AuditOutcome.Denied, why, null);
    }

    /// <summary>Writes what the server did not take earlier.</summary>
    /// <exception cref="RefusedException">It does not take it now either.</exception>
    public async Task FlushAsync(CancellationToken cancel)
    {
        while (pending.TryPeek(out var draft))
        {
            try
            {
                await audit.WriteAsync(draft, cancel);
            }
            catch (RefusedException e) when (IsWithoutNode(e))
            {
                // As in EndAsync.
            }

            pending.TryDequeue(out _);
        }
    }

    private static bool IsWithoutNode(RefusedException e) => e is { Kind: RefusalKind.Conflict, InnerException: null };

    private static async Task<string?> LookAsync(Func<bool, Task<object?>>? state, bool isDone)
    {
        if (state is null)
            return null;
        try
        {
            return await state(isDone) is { } found ? JsonSerializer.Serialize(found, Json) : null;
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException || PostgresErrors.IsFromServer(e))
        {
            // The entry says that it is not known; the change itself meets the same problem, if it matters to it.
            return null;
        }
    }

    /// <summary>The number of the first entry; null where the action may be done without one.</summary>
    private async Task<long?> RequestAsync(ArbiterAction action, AuditDraft draft)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return await audit.WriteAsync(draft, patience.Token);
        }
        catch (RefusedException) when (action.IsPossibleWithoutSchema)
        {
            return null;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw RefusedException.Unavailable(
                "This node's PostgreSQL did not record the change in trktr.audit in time; nothing was changed."
            );
        }
    }

    private async Task EndAsync(AuditDraft draft, long? request, AuditOutcome outcome, string? detail, string? after)
    {
        var end = draft with { Outcome = outcome, Request = request, Detail = detail, After = after };
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await audit.WriteAsync(end, patience.Token);
        }
        catch (RefusedException e) when (IsWithoutNode(e))
        {
            // There is no schema to record it in: the node is not initialised, or not any more.
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException)
        {
            LogLate(log, draft.Action, e is RefusedException ? e.Message : "no answer in time");
            if (pending.Count < MostPending)
                pending.Enqueue(end);
        }
    }

    [LoggerMessage(610, LogLevel.Warning, "The outcome of {Action} is not in the audit log yet, and is written later: {Problem}")]
    private static partial void LogLate(ILogger log, string action, string problem);
}
