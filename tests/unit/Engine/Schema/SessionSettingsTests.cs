using System.Reflection;
using System.Text.RegularExpressions;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.UnitTests.ArchitectureRules;

namespace Traktor.UnitTests.Engine.Schema;

/// <summary>
/// Settings and locks are named in one place: C# uses the constants, <c>.sql</c> files the same literals, and README.md
/// lists each. An advisory lock has the key of a lock's row.
/// </summary>
public sealed class SessionSettingsTests
{
    private static readonly Dictionary<string, string> Settings = ConstantsOf(typeof(SessionSettings));
    private static readonly Dictionary<string, string> Locks = ConstantsOf(typeof(NodeLocks));

    private static readonly Dictionary<string, string> Statements = Rooms
        .Engine.Assembly.GetManifestResourceNames()
        .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
        .ToDictionary(name => name, SqlFile.Read);

    private static readonly Dictionary<string, string> Sources = Repository
        .Sources("Traktor.Engine")
        .Where(file => Path.GetFileName(file) is not ("SessionSettings.cs" or "NodeLocks.cs"))
        .ToDictionary(file => file, File.ReadAllText);

    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "src", "Traktor.Engine", "Schema", "README.md"));

    [Fact]
    public void Statements_EverySetting_IsAConstant() =>
        Assert.Empty(Found(Statements, @"(?:current_setting|set_config)\s*\(\s*'(trktr\.\w+)'").Except(Settings.Values));

    [Fact]
    public void Sources_EverySetting_IsUsedByItsConstant() =>
        Assert.Empty(Found(Sources, @"((?:current_setting|set_config)\s*\(\s*'trktr\.\w+|\bset (?:local |session )?trktr\.\w+)"));

    [Fact]
    public void Settings_EachIsUsed() =>
        Assert.All(
            Settings,
            setting =>
                Assert.Contains(
                    Statements.Values.Concat(Sources.Values),
                    text =>
                        text.Contains($"'{setting.Value}'", StringComparison.Ordinal)
                        || text.Contains($"{{SessionSettings.{setting.Key}}}", StringComparison.Ordinal)
                )
        );

    [Fact]
    public void Settings_EachIsInTheReadme() =>
        Assert.All(Settings.Values, setting => Assert.Contains($"\n| `{setting}` |", Readme, StringComparison.Ordinal));

    [Fact]
    public void Statements_EveryLock_IsAConstant() =>
        Assert.Empty(
            Found(Statements, @"trktr\.node_lock l\s+where l\.name = '(\w+)'")
                .Concat(Found(Sources, @"node_lock where name = '(\w+)'"))
                .Except(Locks.Values)
        );

    [Fact]
    public void AdvisoryLocks_EachHasAKeyThatCanBeChanged()
    {
        Assert.Equal(["own_key"], Found(Statements, @"pg_\w*advisory\w*lock\w*\s*\(([^)]*)\)"));
        Assert.Empty(Found(Sources, @"(pg_\w*advisory\w*lock\w*)"));
    }

    [Fact]
    public void Locks_EachIsUsedAndInTheReadme() =>
        Assert.All(
            Locks,
            named =>
            {
                Assert.Contains($"\n| `{named.Value}` |", Readme, StringComparison.Ordinal);
                Assert.Contains(
                    Sources.Values.Concat(Statements.Values),
                    text =>
                        text.Contains($"NodeLocks.{named.Key}", StringComparison.Ordinal)
                        || text.Contains($"l.name = '{named.Value}'", StringComparison.Ordinal)
                );
            }
        );

    [Fact]
    public void Constants_NoTwoAreTheSame()
    {
        Assert.Equal(Settings.Count, Settings.Values.Distinct().Count());
        Assert.Equal(Locks.Count, Locks.Values.Distinct().Count());
    }

    private static Dictionary<string, string> ConstantsOf(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(field => field.Name, field => (string)field.GetValue(null)!);

    private static IEnumerable<string> Found(Dictionary<string, string> files, string pattern) =>
        files.Values.SelectMany(text => Regex.Matches(text, pattern)).Select(match => match.Groups[1].Value).Distinct();
}
