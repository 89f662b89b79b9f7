namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>
/// Every session of the engine pins the settings that an administrator may have given to a role or database
/// (<c>SessionDefaults</c>), wherever it is opened.
/// </summary>
public sealed class SessionsTests
{
    private static readonly string[] Openings =
    [
        "new NpgsqlConnection(",
        "new NpgsqlDataSourceBuilder(",
        "new LogicalReplicationConnection(",
    ];

    [Fact]
    public void Files_ThatOpenSessions_PinTheirDefaults()
    {
        var opening = Repository
            .Files(".cs")
            .Where(file => file.Contains("Traktor.Engine" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .Select(file => (Name: Path.GetFileName(file), Text: File.ReadAllText(file)))
            .Where(file => Openings.Any(opens => file.Text.Contains(opens, StringComparison.Ordinal)))
            .ToList();

        Assert.Equal(
            ["ApplyConnection.cs", "ConvergenceSession.cs", "Database.cs", "SlotStream.cs", "SnapshotExport.cs"],
            opening.Select(file => file.Name).Order(StringComparer.Ordinal)
        );
        Assert.All(opening, file => Assert.Contains("SessionDefaults.Pin(", file.Text, StringComparison.Ordinal));
    }
}
