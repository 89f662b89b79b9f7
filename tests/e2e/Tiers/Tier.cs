using System.Globalization;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Tiers;

/// <summary>
/// How much a run plays: the default tier each story on one major, in turn by the day; <c>TRAKTOR_TIER=all</c>
/// everything on every major. <c>TRAKTOR_DAY=n</c> plays the majors of another day.
/// </summary>
internal static class Tier
{
    /// <summary>The trait's name, for what runs in tier <see cref="All"/> only.</summary>
    public const string Trait = "Tier";

    public const string All = "all";

    /// <summary>Whether everything runs.</summary>
    public static bool IsAll { get; } = Environment.GetEnvironmentVariable("TRAKTOR_TIER") == All;

    /// <summary>Days since the beginning of 2026, by which majors take turns.</summary>
    public static int Day { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("TRAKTOR_DAY"), NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            ? day
            : (DateTime.UtcNow - new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Days;

    /// <summary>What a run says first.</summary>
    public static string Announcement =>
        IsAll
            ? "Tier all: everything on every major."
            : $"Default tier, the majors of day {Day}: TRAKTOR_DAY={Day} plays the same again, TRAKTOR_TIER=all everything.";

    /// <summary>The major whose day it is; the same for all cases, so that they can share meshes.</summary>
    public static int Major => 15 + (Day % 4);

    /// <summary>The row whose turn it is: in turn among those of the day's major, or among all when none is.</summary>
    /// <param name="rows">Always in the same order.</param>
    /// <param name="major">A row's major, null when it has none.</param>
    public static T Choose<T>(IReadOnlyList<T> rows, Func<T, int?> major)
    {
        var ofTheDay = rows.Where(row => major(row) == Major).ToList();
        return ofTheDay.Count > 0 ? ofTheDay[Day / 4 % ofTheDay.Count] : rows[Day / 4 % rows.Count];
    }

    /// <summary>Whether a case runs in this run's tier.</summary>
    public static bool Includes(ITestCase testCase) =>
        IsAll || !(testCase.Traits.TryGetValue(Trait, out var values) && values.Contains(All, StringComparer.Ordinal));
}
