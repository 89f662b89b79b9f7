using System.Collections;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Traktor.E2ETests.Mesh;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A certificate that is renewed while the arbiter serves: nothing is dropped, and a bad one is not taken.
/// </summary>
public sealed class CertificateTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("traktor-tls-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Files_ChangeWhileTheArbiterServes_NewConnectionsGetTheNewCertificate()
    {
        await using var mesh = await TestMesh.StartAsync(18);
        var first = Write();
        var ini = Path.Combine(folder.FullName, "arbiter.ini");
        await File.WriteAllLinesAsync(
            ini,
            [
                "[DEFAULT]",
                "NodeID = 0",
                $"ConnectionString = {mesh[0].Server.Conninfo(TestMesh.Database)}",
                "APIAddress = 127.0.0.1:0",
                $"APIKey = {ArbiterProcess.ApiKey}",
                "SSLKeyfile = a.key",
                "SSLCertfile = a.crt",
            ]
        );
        await using var host = ArbiterHost.Build(ConfigurationReader.Read(ini, new Hashtable()), LogLevel.Error);
        await host.StartAsync(CancellationToken.None);
        using var open = new Client(host.Address);
        using var answer = await open.GetAsync();
        Assert.Equal((first, "2.0"), (open.Shown.Single(), answer.Version.ToString()));
        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.Equal("ok", (await FindingAsync(open))["severity"]!.GetValue<string>());

        var second = Write();
        await ShowsAsync(host.Address, second);

        // A pair that does not fit is named, and the one of before kept.
        using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.key"), other.ExportPkcs8PrivateKeyPem());
        await Eventually.TrueAsync(
            "preflight says that the files cannot be used",
            async () => await FindingAsync(open) is var finding && (string?)finding["severity"] == "warning",
            () => ""
        );
        Assert.Contains("contains no PEM private key", (string?)(await FindingAsync(open))["found"], StringComparison.Ordinal);
        await ShowsAsync(host.Address, second);
        await ShowsAsync(host.Address, Write());

        // All of it over the connection that began with the first certificate.
        Assert.Equal("ok", (await FindingAsync(open))["severity"]!.GetValue<string>());
        Assert.Equal(first, open.Shown.Single());
    }

    private static Task ShowsAsync(Uri address, string thumbprint) =>
        Eventually.TrueAsync(
            "a new connection gets the certificate of the files",
            async () =>
            {
                using var client = new Client(address);
                using var answer = await client.GetAsync();
                return client.Shown.Single() == thumbprint;
            },
            () => ""
        );

    private static async Task<JsonNode> FindingAsync(Client client)
    {
        using var answer = await client.GetAsync();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["findings"]!
            .AsArray()
            .First(finding => (string?)finding!["check"] == "certificate")!;
    }

    private string Write()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(30)
        );
        File.WriteAllText(Path.Combine(folder.FullName, "a.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder.FullName, "a.crt"), certificate.ExportCertificatePem());
        return certificate.Thumbprint;
    }

    /// <summary>Asks for the preflight, and notes the certificate of each connection that it makes.</summary>
    private sealed class Client : IDisposable
    {
        private readonly HttpClient http;

        public Client(Uri address)
        {
            var handler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    {
                        lock (Shown)
                            Shown.Add(((X509Certificate2)shown!).Thumbprint);
                        return shown.Subject == "CN=localhost";
                    },
                },
            };
            http = new HttpClient(handler)
            {
                BaseAddress = address,
                DefaultRequestVersion = HttpVersion.Version20,
                DefaultRequestHeaders = { { "X-API-KEY", ArbiterProcess.ApiKey } },
            };
        }

        public List<string> Shown { get; } = [];

        public async Task<HttpResponseMessage> GetAsync() => (await http.GetAsync("/v1/arbiter/preflight")).EnsureSuccessStatusCode();

        public void Dispose() => http.Dispose();
    }
}
