using System.Globalization;

namespace Traktor.Bench;

/// <summary>Processor time of processes as Linux counts it in <c>/proc</c>, in steps of 10 ms.</summary>
internal static class ProcessorTime
{
    private const int Parent = 1;
    private const int User = 11;
    private const int Kernel = 12;
    private const int TicksASecond = 100;

    /// <summary>Of one process.</summary>
    public static TimeSpan OfProcess(int pid) => Read(pid) is { } fields ? Of(fields) : TimeSpan.Zero;

    /// <summary>
    /// Of a process and all its present children: of a PostgreSQL server. What its children that ended had used is in
    /// it too.
    /// </summary>
    public static TimeSpan OfServer(int postmaster)
    {
        var sum = Read(postmaster) is { } own ? Of(own) + Ended(own) : TimeSpan.Zero;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (
                int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)
                && Read(pid) is { } fields
                && fields[Parent] == postmaster.ToString(CultureInfo.InvariantCulture)
            )
                sum += Of(fields);
        return sum;
    }

    private static TimeSpan Of(string[] fields) => Ticks(fields, User) + Ticks(fields, Kernel);

    private static TimeSpan Ended(string[] fields) => Ticks(fields, Kernel + 1) + Ticks(fields, Kernel + 2);

    private static TimeSpan Ticks(string[] fields, int at) =>
        TimeSpan.FromSeconds(double.Parse(fields[at], CultureInfo.InvariantCulture) / TicksASecond);

    /// <summary>
    /// The fields of <c>/proc/PID/stat</c> after the command's name; null when there is no such process any more.
    /// </summary>
    private static string[]? Read(int pid)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
