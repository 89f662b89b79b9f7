using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Commands;

/// <summary>Makes a user from the command line: the first admin, or one who has forgotten the password.</summary>
internal static class UserCommand
{
    public static void AddTo(RootCommand root)
    {
        var config = RunCommand.Config();
        var name = new Argument<string>("NAME") { Description = "Name of the user." };
        var role = new Option<string?>("--role")
        {
            Description = "viewer, operator or admin. Required for a new user; else the role stays as it is.",
            HelpName = "ROLE",
        };
        var add = new Command(
            "add",
            "Make a user, or set the password of one. The password is the first line of the standard input. The node must be "
                + "initialised; its arbiter need not run."
        )
        {
            name,
            role,
            config,
        };
        add.SetAction((parsed, cancel) => AddAsync(parsed.GetValue(config)!, parsed.GetValue(name)!, parsed.GetValue(role), cancel));
        root.Subcommands.Add(new Command("user", "Manage the users of the mesh.") { add });
    }

    /// <summary>Reads the password from the terminal without showing it.</summary>
    private static string Ask()
    {
        Console.Error.Write("Password: ");
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else
                typed.Append(key.KeyChar);
        Console.Error.WriteLine();
        return typed.ToString();
    }

    private static async Task<int> AddAsync(string path, string name, string? role, CancellationToken cancel)
    {
        var configuration = ConfigurationReader.Read(path, Environment.GetEnvironmentVariables());
        try
        {
            if (role is not null && AccessWords.RoleOf(role) is null)
                throw RefusedException.Malformed("The role must be viewer, operator or admin.");
            var password = Console.IsInputRedirected ? await Console.In.ReadLineAsync(cancel) ?? "" : Ask();
            await using var arbiter = new Arbiter(configuration.ToSettings(), NullLoggerFactory.Instance);
            var (user, isNew) = await arbiter
                .As(Actor.OfCommandLine())
                .SetUserAsync(name, role is null ? null : AccessWords.RoleOf(role), Passwords.Hash(name, password), cancel);
            Console.WriteLine($"The user {user.Name} is {(isNew ? "made" : "changed")}; role {AccessWords.Of(user.Role)}.");
            return 0;
        }
        catch (RefusedException e) when (e.Kind == RefusalKind.Malformed)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return CommandLine.Misused;
        }
        catch (RefusedException e)
        {
            throw new HostException(e.Hint is null ? e.Message : $"{e.Message} {e.Hint}", e);
        }
    }
}
