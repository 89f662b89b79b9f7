namespace Traktor.Web.Hosting;

public sealed partial class ArbiterHost
{
    [LoggerMessage(3101, LogLevel.Information, "The arbiter of node {Node} answers on {Address}")]
    private static partial void Listening(ILogger log, int node, Uri address);

    [LoggerMessage(3102, LogLevel.Warning, "{Warning}")]
    private static partial void ConfigurationWarning(ILogger log, string warning);

    [LoggerMessage(3103, LogLevel.Warning, "The engine did not stop within {Seconds} s")]
    private static partial void EngineLate(ILogger log, double seconds);
}
