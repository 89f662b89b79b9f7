using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class ConfigurationTlsTests : IDisposable
{
    private readonly ConfigurationFile file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public void Read_OpenAddressWithoutTls_Warns() =>
        Assert.Contains(
            "plain text",
            Assert.Single(file.Read(ConfigurationFile.Minimal("APIAddress = *:8080")).Warnings),
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_KeyAndCertificate_SwitchTlsOn()
    {
        WritePair("node", DateTimeOffset.UtcNow.AddDays(1));
        var configuration = file.Read(ConfigurationFile.Minimal("APIAddress = *:8080", "SSLKeyfile = node.key", "SSLCertfile = node.crt"));

        Assert.NotNull(configuration.SSLCertfile);
        Assert.Equal("https", configuration.PublicURL.Scheme);
        Assert.Equal(Path.Combine(file.Folder, "node.key"), configuration.SSLKeyfile);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void Read_ExpiredCertificate_Warns()
    {
        WritePair("old", DateTimeOffset.UtcNow.AddDays(-1));

        Assert.Contains(
            "expired",
            Assert.Single(file.Read(ConfigurationFile.Minimal("SSLKeyfile = old.key", "SSLCertfile = old.crt")).Warnings),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("one.key", "other.crt", "SSLKeyfile: contains no")]
    [InlineData("one.crt", "one.crt", "SSLKeyfile: contains no")]
    [InlineData("one.crt", "one.key", "SSLCertfile: contains no")]
    [InlineData("text", "one.crt", "SSLKeyfile: contains no")]
    [InlineData("one.key", "text", "SSLCertfile: contains no")]
    [InlineData("locked.key", "one.crt", "SSLKeyfile: contains no")]
    [InlineData("nowhere", "one.crt", "SSLKeyfile: the file does not exist")]
    [InlineData("one.key", ".", "SSLCertfile: the file does not exist")]
    public void Read_FilesThatAreNoPair_AreRefused(string key, string certificate, string error)
    {
        WritePair("one", DateTimeOffset.UtcNow.AddDays(1));
        WritePair("other", DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(file.Folder, "text"), "nothing");

        Assert.StartsWith(
            error,
            Assert.Single(file.Errors(ConfigurationFile.Minimal("SSLKeyfile = " + key, "SSLCertfile = " + certificate))),
            StringComparison.Ordinal
        );
    }

    private void WritePair(string name, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-2),
            until
        );
        File.WriteAllText(Path.Combine(file.Folder, name + ".crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(file.Folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(
            Path.Combine(file.Folder, "locked.key"),
            key.ExportEncryptedPkcs8PrivateKeyPem(
                "secret",
                new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)
            )
        );
    }
}
