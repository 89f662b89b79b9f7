using System.Globalization;

namespace Traktor.Web.Demo;

/// <summary>What the demo starts.</summary>
/// <param name="Majors">The nodes' PostgreSQL versions, one each.</param>
/// <param name="HasTraffic">Whether all nodes are written to continuously.</param>
public sealed record DemoPlan(IReadOnlyList<int> Majors, bool HasTraffic)
{
    /// <summary>The most nodes of a demo: n nodes have n·(n−1) subscriptions.</summary>
    public const int MostNodes = 9;

    /// <summary>The plan for these options, or all errors in them.</summary>
    /// <param name="postgres">Majors, comma separated; the last one is used for all further nodes.</param>
    /// <param name="nodes">How many nodes; null for as many as there are majors, three at least.</param>
    /// <param name="hasTraffic">As in <see cref="HasTraffic"/>.</param>
    public static (DemoPlan? Plan, IReadOnlyList<string> Errors) From(string postgres, int? nodes, bool hasTraffic)
    {
        var errors = new List<string>();
        var majors = new List<int>();
        foreach (var part in postgres.Split(',', StringSplitOptions.TrimEntries))
        {
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major is >= 15 and <= 18)
                majors.Add(major);
            else
                errors.Add($"--postgres: '{part}' is not a major from 15 to 18. For instance: --postgres 18 or --postgres 16,17,18");
        }

        var count = nodes ?? Math.Max(3, majors.Count);
        if (count is < 1 or > MostNodes)
            errors.Add($"--nodes: must be 1 to {MostNodes}.");
        else if (majors.Count > count)
            errors.Add($"--postgres names {majors.Count} servers, --nodes only {count}.");
        if (errors.Count > 0)
            return (null, errors);

        while (majors.Count < count)
            majors.Add(majors[^1]);
        return (new DemoPlan(majors, hasTraffic), errors);
    }
}
