using System.Text;
using Traktor.Engine.Schema;
using Traktor.UnitTests.ArchitectureRules;

namespace Traktor.UnitTests.Engine.Schema;

/// <summary>
/// The frozen copy of this release, from which the tests of later ones upgrade, is what this release makes. With
/// <c>TRAKTOR_FREEZE=1</c> in the environment it is written anew.
/// </summary>
public sealed class ReleasedStateTests
{
    private static readonly string Release = typeof(SchemaScripts).Assembly.GetName().Version!.ToString(2);

    private static readonly string Frozen = Path.Combine(Repository.Root, "tests", "e2e", "Schema", "Released", $"{Release}.sql");

    [Fact]
    public void Frozen_OfThisRelease_IsWhatItMakes()
    {
        if (Environment.GetEnvironmentVariable("TRAKTOR_FREEZE") == "1")
            File.WriteAllText(Frozen, Text());
        Assert.True(
            File.Exists(Frozen) && File.ReadAllText(Frozen).ReplaceLineEndings("\n") == Text(),
            $"The schema differs from its frozen copy {Path.GetFileName(Frozen)}. Run: TRAKTOR_FREEZE=1 dotnet test tests/unit "
                + $"--filter {nameof(ReleasedStateTests)}"
        );
    }

    [Fact]
    public void Changelog_NamesThisRelease() =>
        Assert.Contains(
            $"\n## {Release}",
            File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md")).ReplaceLineEndings("\n"),
            StringComparison.Ordinal
        );

    private static string Text()
    {
        var text = new StringBuilder(
            $"-- What the arbiter of release {Release} makes in the database of node 0. Never changed once the release is out.\n"
        );
        text.Append("create schema trktr;\n");
        foreach (var script in SchemaScripts.Release.Migrations.Concat(SchemaScripts.Release.AnyTime))
            text.Append($"\n-- {script.Path}\n\n{script.Text}");
        text.Append("\n-- What is installed\n\ninsert into trktr.schema_script (path, hash)\nvalues\n");
        text.AppendJoin(",\n", SchemaScripts.Release.AnyTime.Select(script => $"    ('{script.Path}', '{script.Hash}')"));
        text.Append(
            $";\n\ninsert into trktr.identity (node_id, schema_version, scripts_hash)\n"
                + $"values (0, {SchemaScripts.Release.Version}, '{SchemaScripts.Release.Hash}');\n"
        );
        return text.ToString();
    }
}
