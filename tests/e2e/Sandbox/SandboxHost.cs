using Traktor.E2ETests.Browser;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

/// <summary>
/// The test assembly as a program of its own, for tests that need another process: it opens a sandbox with a server of
/// the major in its argument, prints the server's data directory, and waits for its end. Progress and refusals go to
/// its error output. With <c>screenshots FOLDER</c> it makes the pictures of docs/console.md instead; with
/// <c>screenshots FOLDER all</c> those of every page, light and dark, of a desk and a phone, to be looked at.
/// </summary>
internal static class SandboxHost
{
    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            if (arguments is ["screenshots", var folder])
            {
                await Screenshots.MakeAsync(folder);
                return 0;
            }

            if (arguments is ["screenshots", var all, "all"])
            {
                await Screenshots.MakeAllAsync(all);
                return 0;
            }

            var sandbox = await TestSandbox.CreateAsync(new ErrorOutput());
            var server = await sandbox.StartServerAsync(int.Parse(arguments[0]));
            Console.WriteLine(server.DataDirectory);
            if (await Console.In.ReadLineAsync() == "dispose")
                await sandbox.DisposeAsync();
            return 0;
        }
        catch (SandboxException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    /// <summary>Writes progress where it is said, not on another thread as <see cref="Progress{T}"/> does.</summary>
    private sealed class ErrorOutput : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine(value);
    }
}
