using System.ComponentModel;
using System.Diagnostics;

namespace Traktor.Sandbox.Machine;

/// <summary>The result of a program: its exit code and output.</summary>
internal sealed record ToolResult(int ExitCode, string Output)
{
    /// <summary>The last lines, for an error message.</summary>
    public string Tail(int lines) =>
        string.Join(
            Environment.NewLine,
            Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(lines)
        );
}

/// <summary>Runs programs to completion.</summary>
internal static class Tool
{
    /// <summary>Runs a program; null when it does not exist.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="readOutput">False for a program that leaves another one running: on Windows that one inherits the
    /// pipes, which then never end.</param>
    /// <param name="cancel">Kills the program.</param>
    public static async Task<ToolResult?> RunAsync(ProcessStartInfo start, bool readOutput, CancellationToken cancel)
    {
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            try
            {
                process.StandardInput.Close();
                var output = readOutput ? process.StandardOutput.ReadToEndAsync(cancel) : Task.FromResult("");
                var errors = readOutput ? process.StandardError.ReadToEndAsync(cancel) : Task.FromResult("");
                await process.WaitForExitAsync(cancel);
                return new ToolResult(process.ExitCode, await output + await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
