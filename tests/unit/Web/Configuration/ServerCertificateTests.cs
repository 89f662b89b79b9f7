using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class ServerCertificateTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("traktor-certificate-");
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Options_AreForTls12AndLater()
    {
        Write(days: 90);

        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, Open().Options().EnabledSslProtocols);
    }

    [Fact]
    public void Look_FilesReplaced_TakesThem()
    {
        Write(days: 90);
        var certificate = Open();
        var before = Shown(certificate);
        Write(days: 180);
        certificate.Look();

        Assert.NotEqual(before, Shown(certificate));
        Assert.Equal(Severity.Ok, certificate.Finding().Severity);
    }

    [Fact]
    public void Look_FilesUnchanged_TakesNothing()
    {
        Write(days: 90);
        var certificate = Open();
        var before = certificate.Options().ServerCertificateContext;
        certificate.Look();

        Assert.Same(before, certificate.Options().ServerCertificateContext);
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("no key")]
    [InlineData("text")]
    [InlineData("expired")]
    public void Look_PairThatCannotBeUsed_KeepsTheOneOfBeforeAndSaysSoAtTheSecondLook(string how)
    {
        Write(days: 90);
        var certificate = Open();
        var before = Shown(certificate);
        var files = (File.ReadAllText(KeyFile), File.ReadAllText(CertificateFile));
        Spoil(how);
        certificate.Look();
        Assert.Equal(Severity.Ok, certificate.Finding().Severity);
        certificate.Look();

        Assert.Equal(before, Shown(certificate));
        var finding = certificate.Finding();
        Assert.Equal(("certificate", Severity.Warning), (finding.Check, finding.Severity));
        Assert.Contains("cannot be used", finding.Found, StringComparison.Ordinal);

        File.WriteAllText(KeyFile, files.Item1);
        File.WriteAllText(CertificateFile, files.Item2);
        certificate.Look();
        Assert.Equal(Severity.Ok, certificate.Finding().Severity);
    }

    [Theory]
    [InlineData(0, Severity.Ok, "valid until")]
    [InlineData(84, Severity.Warning, "expires at")]
    [InlineData(91, Severity.Warning, "expired at")]
    public void Finding_DaysPass_WarnsAWeekBeforeTheEnd(int days, Severity severity, string found)
    {
        Write(days: 90);
        var certificate = Open();
        time.Advance(TimeSpan.FromDays(days));

        Assert.Equal(severity, certificate.Finding().Severity);
        Assert.Contains(found, certificate.Finding().Found, StringComparison.Ordinal);
    }

    private string KeyFile => Path.Combine(folder.FullName, "a.key");

    private string CertificateFile => Path.Combine(folder.FullName, "a.crt");

    private ServerCertificate Open() =>
        new(
            new ArbiterConfiguration
            {
                NodeID = 0,
                ConnectionString = Conninfo.Parse("user=anna"),
                APIAddress = ListenAddress.Parse("127.0.0.1:0")!,
                APIKey = "long enough",
                PublicURL = new Uri("https://localhost"),
                SSLKeyfile = KeyFile,
                SSLCertfile = CertificateFile,
            },
            time,
            NullLogger<ServerCertificate>.Instance
        );

    private static string Shown(ServerCertificate certificate) =>
        certificate.Options().ServerCertificateContext!.TargetCertificate.Thumbprint;

    private void Spoil(string how)
    {
        switch (how)
        {
            case "another key":
                using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    File.WriteAllText(KeyFile, other.ExportPkcs8PrivateKeyPem());
                break;
            case "no key":
                File.Delete(KeyFile);
                break;
            case "text":
                File.WriteAllText(CertificateFile, "nothing");
                break;
            default:
                Write(days: -1);
                break;
        }
    }

    private void Write(int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            time.GetUtcNow().AddDays(-2),
            time.GetUtcNow().AddDays(days)
        );
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
    }
}
