namespace Traktor.Web.Configuration;

public sealed partial class ServerCertificate
{
    [LoggerMessage(3104, LogLevel.Information, "The certificate of SSLCertfile was loaded again; it is valid until {NotAfter:u}")]
    private static partial void LogTaken(ILogger log, DateTimeOffset notAfter);

    [LoggerMessage(3105, LogLevel.Warning, "SSLKeyfile and SSLCertfile cannot be used; the certificate of before is kept: {Problem}")]
    private static partial void LogRefused(ILogger log, string problem);
}
