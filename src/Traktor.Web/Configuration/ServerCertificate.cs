using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Traktor.Engine;

namespace Traktor.Web.Configuration;

/// <summary>
/// The certificate of <c>SSLCertfile</c> that the arbiter presents. When the files change, connections that begin
/// afterwards get the new one; those that are open keep theirs. A pair that cannot be used is not taken.
/// </summary>
public sealed partial class ServerCertificate
{
    private const string Check = "certificate";

    // Certificates are renewed weeks before they expire.
    private static readonly TimeSpan Remaining = TimeSpan.FromDays(7);

    private readonly string keyFile;
    private readonly string certificateFile;
    private readonly TimeProvider time;
    private readonly ILogger<ServerCertificate> log;
    private string content;
    private string? refused;
    private volatile Pair pair;
    private volatile string? problem;

    /// <param name="configuration">The configuration, with both files.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs what is taken and what is not.</param>
    public ServerCertificate(ArbiterConfiguration configuration, TimeProvider time, ILogger<ServerCertificate> log)
    {
        (keyFile, certificateFile) = (configuration.SSLKeyfile!, configuration.SSLCertfile!);
        (this.time, this.log) = (time, log);
        content = Content();
        pair = Load();
    }

    /// <summary>The TLS settings of a connection that begins now.</summary>
    public SslServerAuthenticationOptions Options() =>
        new() { ServerCertificateContext = pair.Context, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };

    /// <summary>
    /// Takes the files' pair if they have changed. Of a pair that cannot be used it says so at the second look: the
    /// files are replaced one after the other.
    /// </summary>
    public void Look()
    {
        var now = Content();
        if (now == content)
        {
            (refused, problem) = (null, null);
            return;
        }

        var why = WhyNot();
        if (why is null)
        {
            (content, refused, problem) = (now, null, null);
            LogTaken(log, pair.NotAfter);
        }
        else if (refused != now)
        {
            refused = now;
        }
        else if (problem != why)
        {
            problem = why;
            LogRefused(log, why);
        }
    }

    /// <summary>What preflight says about it.</summary>
    public Finding Finding()
    {
        var until = $"{pair.NotAfter.UtcDateTime:u}";
        if (problem is { } why)
            return new(
                Check,
                Severity.Warning,
                $"SSLKeyfile and SSLCertfile have changed and cannot be used, so that the certificate of before is still presented, "
                    + $"which is valid until {until}. {why}",
                "Put a key and its certificate there; the arbiter loads them within seconds."
            );
        var left = pair.NotAfter - time.GetUtcNow();
        return left > Remaining
            ? new(Check, Severity.Ok, $"The certificate is valid until {until}.")
            : new(
                Check,
                Severity.Warning,
                $"The certificate {(left > TimeSpan.Zero ? "expires" : "expired")} at {until}.",
                "Renew it and replace SSLKeyfile and SSLCertfile; the arbiter loads them within seconds."
            );
    }

    private string? WhyNot()
    {
        List<string> errors = [];
        List<string> warnings = [];
        CertificateFiles.Check(keyFile, certificateFile, "", errors, warnings);
        if (errors.Count + warnings.Count > 0)
            return string.Join(" ", errors.Concat(warnings));
        try
        {
            pair = Load();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // They were changed between the check and now.
            return "They are not a certificate and its key.";
        }
    }

    private Pair Load()
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return new Pair(SslStreamCertificateContext.Create(certificate, chain), certificate.NotAfter);
    }

    /// <summary>
    /// Tells whether the files were changed, whatever their times say. A file that cannot be read counts as empty.
    /// </summary>
    private string Content() => Hash(keyFile) + Hash(certificateFile);

    private static string Hash(string file)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private sealed record Pair(SslStreamCertificateContext Context, DateTimeOffset NotAfter);
}
