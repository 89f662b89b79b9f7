using System.CommandLine;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;

namespace Traktor.Web.Commands;

/// <summary>Runs the arbiter of one node until it is stopped.</summary>
internal static class RunCommand
{
    public static Option<string> Config() =>
        new("--config")
        {
            Description = "The configuration file.",
            HelpName = "PATH",
            DefaultValueFactory = _ => "arbiter.ini",
        };

    public static void AddTo(RootCommand root)
    {
        var config = Config();
        root.Options.Add(config);
        root.SetAction((parsed, _) => RunAsync(parsed.GetValue(config)!));
    }

    private static async Task<int> RunAsync(string path)
    {
        var configuration = ConfigurationReader.Read(path, Environment.GetEnvironmentVariables());
        using var signals = new Signals();
        await using var host = ArbiterHost.Build(configuration);
        await host.StartAsync(signals.Token);
        await signals.WaitAsync();
        return 0;
    }
}
