using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Console;
using MudBlazor.Services;
using Traktor.Engine;
using Traktor.Engine.Audit.Mesh;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Joining;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Api;
using Traktor.Web.Api.Access;
using Traktor.Web.Api.Conflicts;
using Traktor.Web.Api.Documents;
using Traktor.Web.Api.Requests;
using Traktor.Web.Api.Status;
using Traktor.Web.Components;
using Traktor.Web.Components.SignIn;
using Traktor.Web.Configuration;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Feed;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;
using Traktor.Web.Security.Gates;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Hosting;

/// <summary>Configures the parts of <see cref="ArbiterHost"/>.</summary>
internal static class HostSetup
{
    // A long quoted table name must get an answer with a sentence, not the server's bare 414.
    private const int MaxRequestLine = 32 * 1024;

    // A listener that does not close its connection must not delay the stop of the arbiter.
    private static readonly TimeSpan ListenerFarewell = TimeSpan.FromSeconds(0.3);

    public static void AddLog(this WebApplicationBuilder builder, LogLevel leastLevel) =>
        builder
            .Logging.SetMinimumLevel(leastLevel)
            .AddFilter("Microsoft", LogLevel.Warning)
            // The command reports an address in use in a sentence, without a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            // A browser that disconnects, or a request that is aborted at the end, is not worth a log line.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error)
            // Logs an error with its trace for each form cookie of an earlier process, or of a stranger.
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
                console.ColorBehavior = LoggerColorBehavior.Default;
            });

    public static void AddServer(this WebApplicationBuilder builder, ArbiterConfiguration configuration)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseStaticWebAssets();
        if (configuration.SSLCertfile is not null)
        {
            builder.Services.AddSingleton(services => new ServerCertificate(
                configuration,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<ServerCertificate>>()
            ));
            builder.Services.AddHostedService<CertificateWatch>();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimits.Usual;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            configuration.Bind(kestrel, kestrel.ApplicationServices.GetService<ServerCertificate>());
        });
        // The command handles the signals: one process may have several hosts.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
    }

    public static void AddArbiter(this WebApplicationBuilder builder, ArbiterConfiguration configuration)
    {
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(services => new KeyDirectory(configuration.NodeID, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new SignatureCheck(
            services.GetRequiredService<KeyDirectory>(),
            configuration.PublicURL,
            services.GetRequiredService<TimeProvider>()
        ));
        builder.Services.AddSingleton(services => new ArbiterCalls(
            services.GetRequiredService<KeyDirectory>(),
            services.GetRequiredService<TimeProvider>()
        ));
        builder.Services.AddSingleton<IPeerArbiters, PeerArbiters>();
        builder.Services.AddSingleton<IPeerRows, PeerRows>();
        builder.Services.AddSingleton<IPeerRepairs, PeerRepairs>();
        builder.Services.AddSingleton<IPeerProofs, PeerProofs>();
        builder.Services.AddSingleton<IPeerAudits, PeerAudits>();
        builder.Services.AddSingleton<IJoinPeers, JoinPeers>();
        builder.Services.AddSingleton<OtherArbiters>();
        builder.Services.AddSingleton(services => new Arbiter(
            configuration.ToSettings(),
            services.GetRequiredService<ILoggerFactory>(),
            others: services.GetRequiredService<OtherArbiters>(),
            ofHost: () => services.GetService<ServerCertificate>() is { } certificate ? [certificate.Finding()] : [],
            keys: services.GetRequiredService<KeyDirectory>()
        ));
        builder.Services.AddSingleton(new ApiKey(configuration.APIKey, configuration.ReadOnlyAPIKey));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => services.GetRequiredService<Arbiter>().Accounts);
        builder.Services.AddSingleton<CallerKeys>();
        builder.Services.AddSingleton<SignInSessions>();
        builder.Services.AddSingleton<KeyAttempts>();
        builder.Services.AddSingleton<WrongKeys>();
        builder.Services.AddSingleton<ApiKeyGate.NoteRefusedCall>(services => services.GetRequiredService<Arbiter>().NoteRefusedCallAsync);
        builder.Services.AddSingleton<OneTimeLinks>();
        builder.Services.AddSingleton(new PasswordCheck(Passwords.Hasher));
        builder.Services.AddSingleton<SignInCheck>();
        builder.Services.AddSingleton<PasswordChange>();
        builder.Services.AddSingleton<SessionCookie>();
        builder.Services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = SessionCookie.Named(configuration, "form");
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.FormFieldName = SignInEndpoints.TokenField;
            // SecurityHeaders sets a stricter header.
            forms.SuppressXFrameOptionsHeader = true;
        });
        builder.Services.AddSingleton<StatusPage>();
        builder.Services.AddSingleton<MeshWatch>();
        builder.Services.AddSingleton<MeshFeed>();
        builder.Services.AddSingleton<IConflictFeed>(services => services.GetRequiredService<MeshFeed>());
        builder.Services.AddSingleton<CaseReading>();
        builder.Services.AddSingleton<LongWorks>();
        builder.Services.AddSingleton(services => new NodeClients(
            services.GetRequiredService<Arbiter>(),
            services.GetRequiredService<ArbiterCalls>()
        ));
    }

    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddRouting();
        builder.Services.AddSingleton<LargeBodies>();
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json => ApiJsonOptions.Apply(json.SerializerOptions));
        builder.Services.AddOpenApi(ApiDocument.Name, ApiDocument.Configure);
    }

    public static void AddLive(this WebApplicationBuilder builder) =>
        builder
            .Services.AddSignalR()
            .AddJsonProtocol(json =>
            {
                ApiJsonOptions.Apply(json.PayloadSerializerOptions);
                json.PayloadSerializerOptions.Converters.Insert(0, new FeedEntryConverter());
            });

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddScoped<Visitor>();
        builder.Services.AddScoped<Operator>();
        builder.Services.AddMudServices();
        // Nothing that it protects outlives the process, and keys on disk would be one more secret to protect.
        builder.Services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
        // This service would create keys on disk at the start, for a provider that is not used.
        foreach (var service in builder.Services.Where(s => s.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            builder.Services.Remove(service);
    }

    public static void UseApi(this WebApplication app)
    {
        app.UseTrustedProxies(app.Services.GetRequiredService<ArbiterConfiguration>().TrustedProxies);
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<HeaderGate>();
        app.UseMiddleware<ProblemPages>();
        app.UseWhen(
            context => ConsolePaths.IsConsole(context.Request.Path),
            console => console.UseStatusCodePagesWithReExecute("/not-found")
        );
        app.UseRouting();
        app.UseMiddleware<ApiKeyGate>();
        app.UseMiddleware<SignedBodies>();
        app.UseMiddleware<OriginGate>();
        // Answers at OpenIdSignIn.CallbackPath only.
        if (app.Services.GetRequiredService<ArbiterConfiguration>().OpenId is not null)
            app.UseAuthentication();
        app.UseMiddleware<SessionGate>();
        app.UseMiddleware<ListenerGate>();
        app.MapHealth();
        app.MapMetrics();
        app.MapArbiter();
        app.MapDocuments();
        app.MapHub<ConflictsHub>(ConflictsHub.Path, hub => hub.WebSockets.CloseTimeout = ListenerFarewell);
    }

    public static void UseConsole(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapSignIn(app.Services.GetRequiredService<ArbiterConfiguration>().OpenId is not null);
        app.MapExport();
        app.MapAuditExport();
        // Blazor's own header would be a second policy beside SecurityHeaders'.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null);
    }
}
