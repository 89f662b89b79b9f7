using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.Web.Configuration;

/// <summary>
/// The settings of <c>arbiter.ini</c> and the environment, read and checked by <c>ConfigurationReader.Read</c>.
/// </summary>
public sealed record ArbiterConfiguration
{
    /// <summary>Number of this node, unique in the mesh, 0 to 32767.</summary>
    public required int NodeID { get; init; }

    /// <summary>This node's database.</summary>
    public required Conninfo ConnectionString { get; init; }

    /// <summary>Where the REST API and the console listen.</summary>
    public required ListenAddress APIAddress { get; init; }

    /// <summary>The longest time between two full checks.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The key that callers send in <c>X-API-KEY</c>. Never show it.</summary>
    public required string APIKey { get; init; }

    /// <summary>The key for read-only access; null when there is none. Never show it.</summary>
    public string? ReadOnlyAPIKey { get; init; }

    /// <summary>Whether conflicts are decided by policy.</summary>
    public bool AutoHeal { get; init; } = true;

    /// <summary>Whether the mesh holds servers older than PostgreSQL 16.</summary>
    public bool Pre16Compatibility { get; init; }

    /// <summary>Path of the private key in PEM; null for plain HTTP.</summary>
    public string? SSLKeyfile { get; init; }

    /// <summary>Path of the certificate in PEM, with its intermediates after it; null for plain HTTP.</summary>
    public string? SSLCertfile { get; init; }

    /// <summary>The URL at which the peers' arbiters and browsers reach this arbiter.</summary>
    public required Uri PublicURL { get; init; }

    /// <summary>The proxies whose <c>X-Forwarded-</c> headers are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Time between two heartbeats of this node.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a resolved conflict stays in the history; zero for ever.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long an entry stays in the audit log; zero for ever.</summary>
    public TimeSpan AuditRetention { get; init; } = TimeSpan.FromDays(365);

    /// <summary>The OpenID provider through which users may sign in; null for none.</summary>
    public OpenIdSettings? OpenId { get; init; }

    /// <summary>Settings that are allowed but risky, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Makes Kestrel listen at <see cref="APIAddress"/>.</summary>
    /// <param name="kestrel">The web server's options.</param>
    /// <param name="certificate">What it presents over TLS; null for plain HTTP.</param>
    public void Bind(KestrelServerOptions kestrel, ServerCertificate? certificate) =>
        APIAddress.Bind(
            kestrel,
            socket =>
            {
                if (certificate is not null)
                    socket.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Options()) });
            }
        );

    /// <summary>
    /// The same with the port that the operating system has chosen for port 0 of <see cref="APIAddress"/>.
    /// </summary>
    public ArbiterConfiguration BoundTo(int port) =>
        this with
        {
            APIAddress = APIAddress with { Port = port },
            PublicURL = PublicURL.Port == 0 ? new UriBuilder(PublicURL) { Port = port }.Uri : PublicURL,
        };

    /// <summary>The settings of the engine.</summary>
    public ArbiterSettings ToSettings() =>
        new()
        {
            NodeId = NodeID,
            ConnectionString = ConnectionString.ToConninfo(),
            CheckInterval = CheckInterval,
            AutoHeal = AutoHeal,
            Pre16Compatibility = Pre16Compatibility,
            ArbiterUrl = PublicURL,
            HistoryRetention = HistoryRetention,
            AuditRetention = AuditRetention,
            HeartbeatInterval = HeartbeatInterval,
        };

    /// <summary>The node and the address only: the generated ToString would print the API key.</summary>
    public override string ToString() => $"node {NodeID} at {APIAddress}";
}
