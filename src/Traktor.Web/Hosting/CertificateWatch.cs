using Traktor.Web.Configuration;

namespace Traktor.Web.Hosting;

/// <summary>Looks every few seconds whether the certificate's files have changed.</summary>
/// <param name="certificate">The certificate.</param>
/// <param name="time">The clock.</param>
internal sealed class CertificateWatch(ServerCertificate certificate, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                certificate.Look();
        }
        catch (OperationCanceledException)
        {
            // The arbiter stops.
        }
    }
}
