using System.CommandLine;
using Traktor.Engine;
using Traktor.Sandbox;
using Traktor.Web.Demo;
using Traktor.Web.Hosting;

namespace Traktor.Web.Commands;

/// <summary>Runs a demo mesh until it is stopped.</summary>
internal static class DemoCommand
{
    public static void AddTo(RootCommand root)
    {
        var postgres = new Option<string>("--postgres")
        {
            Description = "PostgreSQL's major version, 15 to 18, or one for each node: 16,17,18.",
            HelpName = "MAJOR[,MAJOR…]",
            DefaultValueFactory = _ => "18",
        };
        var nodes = new Option<int?>("--nodes")
        {
            Description = $"Number of nodes, 1 to {DemoPlan.MostNodes}. Default: 3, or as many as --postgres names.",
            HelpName = "N",
        };
        var traffic = new Option<bool>("--traffic") { Description = "Write on all nodes continuously." };
        var demo = new Command(
            "demo",
            "Start PostgreSQL servers, an arbiter for each and a replicated sample schema, and print their addresses. Ctrl-C stops "
                + "and removes them."
        )
        {
            postgres,
            nodes,
            traffic,
        };
        demo.SetAction((parsed, _) => RunAsync(parsed.GetValue(postgres)!, parsed.GetValue(nodes), parsed.GetValue(traffic)));
        root.Subcommands.Add(demo);
    }

    private static async Task<int> RunAsync(string postgres, int? nodes, bool hasTraffic)
    {
        var (plan, errors) = DemoPlan.From(postgres, nodes, hasTraffic);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(error);
        if (plan is null)
            return CommandLine.Misused;

        using var signals = new Signals();
        try
        {
            await using var mesh = await DemoMesh.StartAsync(plan, Console.WriteLine, signals.Token);
            Console.Write(DemoGuide.Of(mesh, hasTraffic));
            await (hasTraffic ? new Traffic().RunAsync(mesh.Nodes, signals.Token) : signals.WaitAsync());
            Console.WriteLine("Stopping the demo.");
            return 0;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (SandboxException e)
        {
            throw new HostException(e.Message, e);
        }
        catch (RefusedException e)
        {
            throw new HostException(e.Hint is null ? e.Message : $"{e.Message} {e.Hint}", e);
        }
    }
}
