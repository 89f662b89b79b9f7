using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;

namespace Traktor.Web.Commands;

/// <summary>Checks the audit log of a node's database, whether its arbiter runs or not.</summary>
internal static class AuditCommand
{
    public static void AddTo(RootCommand root)
    {
        var config = RunCommand.Config();
        var verify = new Command(
            "verify",
            "Compute the hash of each entry of the audit log that the node's database has, and name every entry that was changed, "
                + "removed or added. Exit code 1 if there is one. "
                + "The page and the REST API also compare with the copies of the other nodes."
        )
        {
            config,
        };
        verify.SetAction((parsed, cancel) => VerifyAsync(parsed.GetValue(config)!, cancel));
        root.Subcommands.Add(new Command("audit", "Check the audit log.") { verify });
    }

    private static async Task<int> VerifyAsync(string path, CancellationToken cancel)
    {
        var configuration = ConfigurationReader.Read(path, Environment.GetEnvironmentVariables());
        try
        {
            await using var arbiter = new Arbiter(configuration.ToSettings(), NullLoggerFactory.Instance);
            var report = await arbiter.As(Actor.OfCommandLine()).VerifyAuditAsync(withOthers: false, cancel);
            foreach (var chain in report.Chains)
            {
                Console.WriteLine(
                    $"Node {chain.Node}{(chain.IsOwn ? "" : ", copies")}, incarnation {chain.Incarnation}: {chain.Entries} entries, "
                        + $"{chain.First} to {chain.Last}; hash of the last: {chain.LastHash}"
                );
                foreach (var problem in chain.Problems)
                    Console.WriteLine($"  {problem}");
            }

            Console.WriteLine(
                report.IsIntact ? "No entry was changed, removed or added." : "The audit log is not as it was written; see above."
            );
            return report.IsIntact ? 0 : CommandLine.Failed;
        }
        catch (RefusedException e)
        {
            throw new HostException(e.Hint is null ? e.Message : $"{e.Message} {e.Hint}", e);
        }
    }
}
