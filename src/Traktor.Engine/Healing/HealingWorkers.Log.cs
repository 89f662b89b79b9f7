using Microsoft.Extensions.Logging;

namespace Traktor.Engine.Healing;

// Events 400–419.
public sealed partial class HealingWorkers
{
    [LoggerMessage(
        400,
        LogLevel.Information,
        "Subscription from node {Peer} healed: {Conflicts} conflicts in {Transactions} transactions decided in {Milliseconds:0} ms"
    )]
    private static partial void LogHealed(ILogger log, int peer, long conflicts, long transactions, double milliseconds);

    [LoggerMessage(401, LogLevel.Warning, "Subscription from node {Peer} is waiting: {Note}")]
    private static partial void LogWaits(ILogger log, int peer, string note);

    [LoggerMessage(402, LogLevel.Warning, "Healing of the subscription from node {Peer} was interrupted ({Reason}); it will be retried")]
    private static partial void LogBrokenOff(ILogger log, int peer, string reason);

    [LoggerMessage(403, LogLevel.Error, "Healing failed unexpectedly ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
