using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine.ConnectionStrings;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class BindTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("traktor-bind-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("localhost:0")]
    [InlineData("*:0")]
    [InlineData("0.0.0.0:0")]
    public async Task Bind_Address_Answers(string address) =>
        Assert.Equal("hello", await AskAsync(Configuration(address), certificate: null));

    [Fact]
    public async Task Bind_KeyAndCertificate_AnswersOverTls()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=localhost",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (keyFile, certificateFile) = (Path.Combine(folder.FullName, "a.key"), Path.Combine(folder.FullName, "a.crt"));
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());

        Assert.Equal(
            "hello",
            await AskAsync(Configuration("127.0.0.1:0") with { SSLKeyfile = keyFile, SSLCertfile = certificateFile }, certificate)
        );
    }

    [Fact]
    public async Task Bind_NameNobodyKnows_IsAConfigurationError()
    {
        var thrown = await Assert.ThrowsAsync<ConfigurationException>(() =>
            AskAsync(Configuration("no-such-host.invalid:0"), certificate: null)
        );

        Assert.Contains("cannot be resolved", Assert.Single(thrown.Errors), StringComparison.Ordinal);
    }

    private static ArbiterConfiguration Configuration(string address) =>
        new()
        {
            NodeID = 0,
            ConnectionString = Conninfo.Parse("user=anna"),
            APIAddress = ListenAddress.Parse(address)!,
            APIKey = "long enough",
            PublicURL = new Uri("http://localhost"),
        };

    private static async Task<string> AskAsync(ArbiterConfiguration configuration, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var presented = configuration.SSLCertfile is null
            ? null
            : new ServerCertificate(configuration, TimeProvider.System, NullLogger<ServerCertificate>.Instance);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => configuration.Bind(kestrel, presented));
        await using var app = builder.Build();
        app.MapGet("/", () => "hello");
        await app.StartAsync();
        using var handler = new HttpClientHandler();
        handler.ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate?.Thumbprint;
        using var client = new HttpClient(handler);
        var url = new UriBuilder(
            app.Urls.First()
                .Replace("[::]", "127.0.0.1", StringComparison.Ordinal)
                .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)
        );
        Assert.Equal(configuration.SSLCertfile is not null ? "https" : "http", url.Scheme);
        return await client.GetStringAsync(url.Uri);
    }
}
