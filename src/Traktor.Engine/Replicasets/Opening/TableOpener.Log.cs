using Microsoft.Extensions.Logging;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Replicasets.Opening;

// Events 300–309.
public sealed partial class TableOpener
{
    [LoggerMessage(300, LogLevel.Information, "Opening {Table}: {Action} {Nodes}")]
    private static partial void LogStep(ILogger log, TableName table, OpeningAction action, string nodes);

    [LoggerMessage(301, LogLevel.Warning, "Opening {Table}: a step failed and will be retried: {Reason}")]
    private static partial void LogStepFailed(ILogger log, TableName table, string reason);
}
