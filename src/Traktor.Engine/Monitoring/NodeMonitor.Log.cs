using Microsoft.Extensions.Logging;

namespace Traktor.Engine.Monitoring;

// Events 100–109; NodeMaintenance and NodeLoop have 102 and 103.
public sealed partial class NodeMonitor
{
    [LoggerMessage(100, LogLevel.Information, "PostgreSQL {Version} answers")]
    private static partial void LogReached(ILogger log, string version);

    [LoggerMessage(101, LogLevel.Warning, "{Problem}")]
    private static partial void LogLost(ILogger log, string problem);
}
