using System.CommandLine;
using Traktor.Engine;
using Traktor.Engine.Schema;
using Traktor.Web.Configuration;

namespace Traktor.Web.Commands;

/// <summary>Prints the script by which a superuser makes the arbiter's role fit.</summary>
internal static class GrantsCommand
{
    public static void AddTo(RootCommand root)
    {
        var config = RunCommand.Config();
        var schemas = new Option<string[]>("--schema")
        {
            Description = "A schema whose tables are to replicate; may be given several times. Without it all schemas are meant.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        var grants = new Command(
            "grants",
            "Print the one-time SQL script that a superuser runs in the node's database, so that the arbiter's role needs no superuser "
                + "(PostgreSQL 16 and later)."
        )
        {
            config,
            schemas,
        };
        grants.SetAction(parsed => Print(parsed.GetValue(config)!, parsed.GetValue(schemas)!));
        root.Subcommands.Add(grants);
    }

    private static int Print(string path, string[] schemas)
    {
        var conninfo = ConfigurationReader.Read(path, Environment.GetEnvironmentVariables()).ConnectionString;
        try
        {
            Console.Out.Write(GrantsScript.For(conninfo.User, conninfo.Database, schemas));
            return 0;
        }
        catch (RefusedException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return CommandLine.Misused;
        }
    }
}
