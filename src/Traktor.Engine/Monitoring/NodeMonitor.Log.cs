using Microsoft.Extensions.Logging;

namespace Traktor.Engine.Monitoring;

// Events 100–109.
public sealed partial class NodeMonitor
{
    [LoggerMessage(100, LogLevel.Information, "PostgreSQL {Version} answers")]
    private static partial void LogReached(ILogger log, string version);

    [LoggerMessage(101, LogLevel.Warning, "{Problem}")]
    private static partial void LogLost(ILogger log, string problem);

    [LoggerMessage(102, LogLevel.Information, "Schema upgraded from {From} to {To}")]
    private static partial void LogUpgraded(ILogger log, int from, int to);

    [LoggerMessage(103, LogLevel.Error, "Looking at this node's server failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
