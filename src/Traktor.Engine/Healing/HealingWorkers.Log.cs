using Microsoft.Extensions.Logging;

namespace Traktor.Engine.Healing;

// Events 400–419.
public sealed partial class HealingWorkers
{
    [LoggerMessage(
        400,
        LogLevel.Information,
        "Subscription from node {Peer} healed: {Conflicts} conflicts decided in {Transactions} transactions, {Milliseconds:0} ms"
    )]
    private static partial void LogHealed(ILogger log, int peer, long conflicts, long transactions, double milliseconds);

    [LoggerMessage(401, LogLevel.Warning, "Subscription from node {Peer} waits: {Note}")]
    private static partial void LogWaits(ILogger log, int peer, string note);

    [LoggerMessage(402, LogLevel.Warning, "The healing of the subscription from node {Peer} was broken off ({Reason}); it is begun again")]
    private static partial void LogBrokenOff(ILogger log, int peer, string reason);

    [LoggerMessage(403, LogLevel.Error, "The healing failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
