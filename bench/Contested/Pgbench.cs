using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Traktor.Sandbox;

namespace Traktor.Bench.Contested;

/// <summary>PostgreSQL's load generator (<see href="https://www.postgresql.org/docs/current/pgbench.html"/>).</summary>
internal static partial class Pgbench
{
    /// <summary>Runs it on a database. Returns its transactions per second; 0 when it only initialises.</summary>
    public static async Task<double> RunAsync(IPostgresServer server, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program(), [.. arguments, server.Conninfo(IReplicationSystem.Database)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGOPTIONS"] = "-c synchronous_commit=off";
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"pgbench {string.Join(' ', arguments)}: {await complained}");
        return TransactionsPerSecond().Match(await said) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    private static string Program() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Concat(
                Directory.Exists("/usr/lib/postgresql")
                    ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
                    : []
            )
            .Select(folder => Path.Combine(folder, "pgbench"))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("This benchmark needs pgbench, of any version from 15: install PostgreSQL's package.");

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex TransactionsPerSecond();
}
