using System.Diagnostics;
using Traktor.Engine;
using Traktor.Web.Components.SignIn;
using Traktor.Web.Configuration;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Hosting;

/// <summary>
/// One arbiter with its REST API and its console, for one <see cref="ArbiterConfiguration"/>. Several can run in one
/// process, as in the demo. It reads no other settings: no appsettings.json, no ASPNETCORE_ variables.
/// </summary>
public sealed partial class ArbiterHost : IAsyncDisposable
{
    // Together less than the two seconds in which the process must end; aborting requests takes the web server up to a
    // second, in parallel with the engine's stop.
    private static readonly TimeSpan ServerStop = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan EngineStop = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private readonly ILogger<ArbiterHost> _log;
    private readonly ArbiterConfiguration _configuration;

    private ArbiterHost(WebApplication app, ArbiterConfiguration configuration)
    {
        _app = app;
        _configuration = configuration;
        _log = app.Services.GetRequiredService<ILogger<ArbiterHost>>();
        Arbiter = app.Services.GetRequiredService<Arbiter>();
    }

    /// <summary>The engine.</summary>
    public Arbiter Arbiter { get; }

    /// <summary>Where the console and the API are, as configured.</summary>
    public Uri Address => _configuration.PublicURL;

    /// <summary>A URL that signs an administrator in once without the key, within a limited time.</summary>
    public Uri CreateSignInLink() =>
        new(Address, $"{ReturnPath.SignInPath}?link={_app.Services.GetRequiredService<OneTimeLinks>().Create()}");

    /// <param name="configuration">The configuration of the arbiter.</param>
    /// <param name="leastLevel">The lowest level that is logged.</param>
    /// <exception cref="ConfigurationException">The address' host name cannot be resolved.</exception>
    public static ArbiterHost Build(ArbiterConfiguration configuration, LogLevel leastLevel = LogLevel.Information)
    {
        // The arbiter announces its URL to the mesh, so the port must be known before it listens.
        if (configuration.APIAddress.Port == 0)
            configuration = configuration.BoundTo(FreePort.On(configuration.APIAddress));
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions
            {
                ApplicationName = typeof(ArbiterHost).Assembly.GetName().Name,
                ContentRootPath = AppContext.BaseDirectory,
                EnvironmentName = Environments.Production,
            }
        );
        builder.AddLog(leastLevel);
        builder.AddServer(configuration);
        builder.AddArbiter(configuration);
        builder.AddApi();
        builder.AddLive();
        if (configuration.OpenId is { } openId)
            builder.AddOpenId(openId);
        builder.AddConsole();

        var app = builder.Build();
        app.Services.GetRequiredService<DiagnosticListener>()
            .Subscribe(new RejectedRequests(), static name => name == RejectedRequests.Event);
        app.UseApi();
        app.UseConsole();
        return new ArbiterHost(app, configuration);
    }

    /// <summary>Starts answering; returns without waiting for PostgreSQL.</summary>
    /// <exception cref="HostException">The address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        try
        {
            await _app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            throw new HostException($"Cannot listen on {_configuration.APIAddress}: another process uses it. Set another APIAddress.", e);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new HostException($"Cannot listen on {_configuration.APIAddress} ({e.SocketErrorCode}). Set another APIAddress.", e);
        }

        await Arbiter.StartAsync(cancel);
        Listening(_log, _configuration.NodeID, Address);
        foreach (var warning in _configuration.Warnings)
            ConfigurationWarning(_log, warning);
    }

    /// <summary>
    /// Stops answering, then the engine; ends within two seconds even when requests and streams are open.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(ServerStop);
        var server = StopServerAsync(hurry.Token);
        // Requests have the engine while they may end by themselves. After that the server and the engine stop in
        // parallel: each takes up to a second to abort a call that hangs.
        await Task.WhenAny(server, Task.Delay(ServerStop, CancellationToken.None));
        try
        {
            await Arbiter.DisposeAsync().AsTask().WaitAsync(EngineStop);
        }
        catch (TimeoutException)
        {
            // Its sessions end with the process; PostgreSQL rolls back what they had open.
            EngineLate(_log, EngineStop.TotalSeconds);
        }

        await server;
        await _app.DisposeAsync();
    }

    private async Task StopServerAsync(CancellationToken hurry)
    {
        try
        {
            await _app.StopAsync(hurry);
        }
        catch (OperationCanceledException)
        {
            // Open requests were aborted.
        }
    }
}
