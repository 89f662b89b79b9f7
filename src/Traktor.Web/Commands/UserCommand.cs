using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Commands;

/// <summary>
/// Lists, makes and removes users from the command line: the first admin, or one who has forgotten the password.
/// </summary>
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
        var add = new Command("add", "Make a user, or set the password of one. The password is the first line of the standard input.")
        {
            name,
            role,
            config,
        };
        add.SetAction(
            (parsed, cancel) =>
                RunAsync(parsed.GetValue(config)!, acting => AddAsync(acting, parsed.GetValue(name)!, parsed.GetValue(role), cancel))
        );
        var list = new Command("list", "List the users: name, role, when and by whom each was changed last.") { config };
        list.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(config)!, acting => ListAsync(acting, cancel)));
        var remove = new Command("remove", "Remove a user, and end the sessions of the user, on all nodes.") { name, config };
        remove.SetAction(
            (parsed, cancel) => RunAsync(parsed.GetValue(config)!, acting => RemoveAsync(acting, parsed.GetValue(name)!, cancel))
        );
        root.Subcommands.Add(
            new Command("user", "Manage the users of the mesh. The node must be initialised; its arbiter need not run.")
            {
                add,
                list,
                remove,
            }
        );
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

    private static async Task AddAsync(ActingArbiter acting, string name, string? role, CancellationToken cancel)
    {
        if (role is not null && AccessWords.RoleOf(role) is null)
            throw RefusedException.Malformed("The role must be viewer, operator or admin.");
        var password = Console.IsInputRedirected ? await Console.In.ReadLineAsync(cancel) ?? "" : Ask();
        var (user, isNew) = await acting.SetUserAsync(
            name,
            role is null ? null : AccessWords.RoleOf(role),
            Passwords.Hash(name, password),
            cancel
        );
        Console.WriteLine($"The user {user.Name} is {(isNew ? "made" : "changed")}; role {AccessWords.Of(user.Role)}.");
    }

    private static async Task ListAsync(ActingArbiter acting, CancellationToken cancel)
    {
        foreach (var user in await acting.StoredAccountsAsync(AccountKind.User, cancel))
            Console.WriteLine($"{user.Name}\t{AccessWords.Of(user.Role)}\t{user.ChangedAt.UtcDateTime:u}\t{user.ChangedBy}");
    }

    private static async Task RemoveAsync(ActingArbiter acting, string name, CancellationToken cancel)
    {
        await acting.RemoveUserAsync(name, cancel);
        Console.WriteLine($"The user {name} is removed.");
    }

    private static async Task<int> RunAsync(string path, Func<ActingArbiter, Task> work)
    {
        var configuration = ConfigurationReader.Read(path, Environment.GetEnvironmentVariables());
        try
        {
            await using var arbiter = new Arbiter(configuration.ToSettings(), NullLoggerFactory.Instance);
            await work(arbiter.As(Actor.OfCommandLine()));
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
