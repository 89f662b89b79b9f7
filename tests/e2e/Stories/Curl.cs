using System.Diagnostics;
using System.Globalization;

namespace Traktor.E2ETests.Stories;

/// <summary>Runs a curl command line as a user's shell does.</summary>
internal static class Curl
{
    /// <summary>Runs <paramref name="command"/> and returns the status code and the body of the answer.</summary>
    public static async Task<(int Code, string Body)> RunAsync(string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command + " --silent --show-error --write-out '\\n%{http_code}'"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"curl failed: {errors}\n{command}");
        var end = output.LastIndexOf('\n');
        return (int.Parse(output[(end + 1)..], CultureInfo.InvariantCulture), output[..end]);
    }
}
