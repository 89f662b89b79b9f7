using System.Globalization;
using Traktor.Sandbox;

namespace Traktor.Bench.Status;

/// <summary>
/// What an arbiter costs at rest, and how fast it answers what monitoring asks most, beside the figures of the
/// original.
/// </summary>
internal static class StatusBenchmark
{
    private const int Starts = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    public static async Task RunAsync()
    {
        await using var sandbox = await PostgresSandbox.CreateAsync(new Progress<string>(Console.WriteLine));
        var server = await sandbox.StartServerAsync(18);
        var conninfo = server.Conninfo();

        Console.WriteLine($"Starting an arbiter {Starts} times …");
        var starts = new List<TimeSpan>();
        var resident = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            await using var started = await ArbiterProcess.StartAsync(conninfo);
            starts.Add(started.FirstAnswer);
            resident.Add(started.ResidentMB);
        }

        await using var arbiter = await ArbiterProcess.StartAsync(conninfo);
        await arbiter.InitializeAsync();

        Console.WriteLine("Asking it …");
        Load.Run(arbiter.Address, 2, isNewEachTime: false, WarmUp);
        var one = Load.Run(arbiter.Address, 1, isNewEachTime: false, Duration);
        var eight = Load.Run(arbiter.Address, 8, isNewEachTime: false, Duration);
        Load.Run(arbiter.Address, 1, isNewEachTime: true, WarmUp);
        var fresh = Load.Run(arbiter.Address, 1, isNewEachTime: true, Duration);
        var loaded = arbiter.ResidentMB;

        Console.WriteLine();
        Line("", "this run", "aim", "original");
        Line(
            "Process start to first answer, s",
            Median(starts.Select(start => start.TotalSeconds)).ToString("0.00", CultureInfo.InvariantCulture),
            "< 1",
            "0.36"
        );
        Line("RSS after the first answer, MB", Number(Median(resident)), "", "43");
        Line("RSS after the load below, MB", Number(loaded), "", "");
        Print("1 connection", one, "< 1", "> 5000", null);
        Print("8 connections", eight, "", "> 5000", null);
        Print("a new connection each", fresh, "", "", ("9.7", "20", "100"));
    }

    private static void Print(string how, Load load, string aimP50, string aimRate, (string P50, string P99, string Rate)? original)
    {
        Line($"GET status, {how}: p50, ms", load.P50.ToString("0.000", CultureInfo.InvariantCulture), aimP50, original?.P50);
        Line($"GET status, {how}: p99, ms", load.P99.ToString("0.000", CultureInfo.InvariantCulture), "", original?.P99);
        Line($"GET status, {how}: requests/s", Number(load.PerSecond), aimRate, original?.Rate);
    }

    private static void Line(string what, string measured, string aim, string? original) =>
        Console.WriteLine($"{what, -48} {measured, 10} {aim, 8} {original, 9}");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
