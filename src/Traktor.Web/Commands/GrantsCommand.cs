using System.CommandLine;
using Traktor.Engine;
using Traktor.Engine.Schema;
using Traktor.Web.Configuration;

namespace Traktor.Web.Commands;

/// <summary>
/// Prints the script with which a superuser grants the arbiter's role its privileges, or takes them back.
/// </summary>
internal static class GrantsCommand
{
    public static void AddTo(RootCommand root)
    {
        var config = RunCommand.Config();
        var schemas = new Option<string[]>("--schema")
        {
            Description = "A schema with tables to replicate; can be given several times. Default: all schemas.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        var revoke = new Option<bool>("--revoke")
        {
            Description = "Print the script that takes back, in all schemas, what was granted; the role can be dropped then.",
        };
        var grants = new Command(
            "grants",
            "Print the SQL script that a superuser runs once in the node's database, so that the arbiter's role need not be a "
                + "superuser (PostgreSQL 16 and later)."
        )
        {
            config,
            schemas,
            revoke,
        };
        grants.SetAction(parsed => Print(parsed.GetValue(config)!, parsed.GetValue(schemas)!, parsed.GetValue(revoke)));
        root.Subcommands.Add(grants);
    }

    private static int Print(string path, string[] schemas, bool isRevoked)
    {
        var conninfo = ConfigurationReader.Read(path, Environment.GetEnvironmentVariables()).ConnectionString;
        try
        {
            Console.Out.Write(
                isRevoked
                    ? RevocationScript.For(conninfo.User, conninfo.Database)
                    : GrantsScript.For(conninfo.User, conninfo.Database, schemas)
            );
            return 0;
        }
        catch (RefusedException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return CommandLine.Misused;
        }
    }
}
