using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>
/// The loop that continues with tables that are being opened: each opens as soon as its peers have it. It also notes
/// which open tables are not published any more, and sets options of publications again that somebody has changed.
/// </summary>
public sealed partial class ReplicasetWorker(
    LocalNode local,
    TableOpener opener,
    Worker worker,
    TimeProvider time,
    ILogger<ReplicasetWorker> log
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, stop => worker.TryAsync(TickAsync, stop), cancel);

    private async Task TickAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        if (await PublicationOptions.RestoreAsync(connection, local.NodeId, cancel) is { Count: > 0 } changed)
            LogOptions(log, string.Join(", ", changed));
        await ResyncNote.AddUnpublishedAsync(connection, local.NodeId, all: false, cancel);
        while (await opener.AdvanceAsync(connection, cancel))
        {
            // One step may make the next one possible.
        }
    }

    [LoggerMessage(
        310,
        LogLevel.Warning,
        "Options of {Publications} were changed by hand. They are set again; what was not sent meanwhile is found by a comparison"
    )]
    private static partial void LogOptions(ILogger log, string publications);
}
