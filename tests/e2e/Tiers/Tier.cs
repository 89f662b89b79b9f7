using System.Globalization;
using System.Reflection;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Tiers;

/// <summary>
/// How much a run plays: the default tier each story on one major, in turn by the day, and a fifth of the long cases;
/// <c>TRAKTOR_TIER=all</c> everything on every major. <c>TRAKTOR_DAY=n</c> plays the majors and turns of another day.
/// </summary>
internal static class Tier
{
    /// <summary>The trait's name.</summary>
    private const string Trait = "Tier";

    /// <summary>Of what only tier all runs.</summary>
    private const string All = "all";

    /// <summary>Of the long methods: the default tier runs each on one day in <see cref="Turns"/>.</summary>
    private const string Turn = "turn";

    /// <summary>Prime to the number of majors: each long method has its day on each of them.</summary>
    private const int Turns = 5;

    /// <summary>Whether everything runs.</summary>
    public static bool IsAll { get; } = Environment.GetEnvironmentVariable("TRAKTOR_TIER") == All;

    /// <summary>Days since the beginning of 2026, by which majors take turns.</summary>
    public static int Day { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("TRAKTOR_DAY"), NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            ? day
            : (DateTime.UtcNow - new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Days;

    // Of all methods of the assembly, so that a filter changes nobody's day; one after the other, so that those of one
    // class have different days.
    private static readonly HashSet<string> NotToday =
    [
        .. typeof(Tier)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => Traits(method).Contains(Turn))
            .Select(method => $"{method.DeclaringType!.FullName}.{method.Name}")
            .Order(StringComparer.Ordinal)
            .Where((_, index) => index % Turns != Day % Turns),
    ];

    /// <summary>What a run says first.</summary>
    public static string Announcement =>
        IsAll
            ? "Tier all: everything on every major."
            : $"Default tier, the majors of day {Day}: TRAKTOR_DAY={Day} plays the same again, TRAKTOR_TIER=all everything.";

    /// <summary>The major whose day it is; the same for all cases, so that they can share meshes.</summary>
    public static int Major => 15 + (Day % 4);

    /// <summary>The row whose turn it is: in turn among those of the day's major, or among all when none is.</summary>
    /// <param name="method">The rows' method.</param>
    /// <param name="rows">Always in the same order.</param>
    /// <param name="major">A row's major, null when it has none.</param>
    public static T Choose<T>(MethodInfo method, IReadOnlyList<T> rows, Func<T, int?> major)
    {
        var ofTheDay = rows.Where(row => major(row) == Major).ToList();
        // How often the method has had its day, and how often with this major.
        var days = Traits(method).Contains(Turn) ? Day / Turns : Day;
        var daysOfTheMajor = days / 4;
        return ofTheDay.Count > 0 ? ofTheDay[daysOfTheMajor % ofTheDay.Count]
            : rows.Any(row => major(row) is not null) ? rows[daysOfTheMajor % rows.Count]
            : rows[days % rows.Count];
    }

    /// <summary>Of steps that a case plays one after the other, those whose day it is; in tier all, all.</summary>
    /// <param name="steps">Always in the same order.</param>
    /// <param name="parts">In how many parts the days divide them.</param>
    public static IReadOnlyList<T> Part<T>(IReadOnlyList<T> steps, int parts) =>
        IsAll ? steps : [.. steps.Where((_, index) => index % parts == Day % parts)];

    /// <summary>Whether a case runs in this run's tier.</summary>
    public static bool Includes(ITestCase testCase) =>
        IsAll
        || (
            testCase.Traits.GetValueOrDefault(Trait)?.Contains(All) != true
            && !NotToday.Contains($"{testCase.TestMethod.TestClass.Class.Name}.{testCase.TestMethod.Method.Name}")
        );

    private static IEnumerable<string> Traits(MethodInfo method) =>
        from trait in method.CustomAttributes
        where trait.AttributeType == typeof(TraitAttribute) && (string)trait.ConstructorArguments[0].Value! == Trait
        select (string)trait.ConstructorArguments[1].Value!;
}
