using Microsoft.Extensions.Logging;

namespace Traktor.Engine.Subscriptions.Workers;

// Events 200–219: one line for each change of state, none for each check.
public sealed partial class SubscriptionWorker
{
    [LoggerMessage(200, LogLevel.Information, "Node {Peer} answers")]
    private static partial void LogReached(ILogger log, int peer);

    [LoggerMessage(201, LogLevel.Warning, "Node {Peer} cannot be reached: {Reason}")]
    private static partial void LogLost(ILogger log, int peer, string reason);

    [LoggerMessage(202, LogLevel.Error, "Subscription from node {Peer}: {Reason}")]
    private static partial void LogBroken(ILogger log, int peer, string reason);

    [LoggerMessage(203, LogLevel.Warning, "From node {Peer}: {Reason}")]
    private static partial void LogCannotReceive(ILogger log, int peer, string reason);

    [LoggerMessage(204, LogLevel.Error, "The worker of the subscription from node {Peer} failed ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, int peer, string kind, Exception error);
}
