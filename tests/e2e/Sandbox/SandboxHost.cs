using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

/// <summary>
/// The test assembly as a program of its own, for tests that need another process: it opens a sandbox with a server of the major in its argument, prints the
/// server's data directory, and waits for its end.
/// </summary>
internal static class SandboxHost
{
    public static async Task Main(string[] arguments)
    {
        var sandbox = await PostgresSandbox.CreateAsync();
        var server = await sandbox.StartServerAsync(int.Parse(arguments[0]));
        Console.WriteLine(server.DataDirectory);
        if (await Console.In.ReadLineAsync() == "dispose")
            await sandbox.DisposeAsync();
    }
}
