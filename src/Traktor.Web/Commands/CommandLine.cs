using System.CommandLine;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;

namespace Traktor.Web.Commands;

/// <summary>The command line.</summary>
public static class CommandLine
{
    /// <summary>Exit code after a wrong command line or configuration.</summary>
    public const int Misused = 2;

    /// <summary>Exit code when the command failed: an address in use, a server that does not start.</summary>
    public const int Failed = 1;

    /// <summary>Runs the command that the arguments name; returns the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("See --help.");
            return Misused;
        }

        try
        {
            // Hosting/Signals handles the signals: the demo has servers to stop.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }
            );
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Misused;
        }
        catch (HostException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failed;
        }
    }

    /// <summary>The commands and their options.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand(
            "Traktor: active-active PostgreSQL on vanilla servers. Without a command it runs the arbiter of one node."
        );
        RunCommand.AddTo(root);
        DemoCommand.AddTo(root);
        GrantsCommand.AddTo(root);
        UserCommand.AddTo(root);
        AuditCommand.AddTo(root);
        return root;
    }
}
