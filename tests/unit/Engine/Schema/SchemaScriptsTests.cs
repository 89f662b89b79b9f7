using System.Text.RegularExpressions;
using Traktor.Engine.Schema;

namespace Traktor.UnitTests.Engine.Schema;

/// <summary>
/// The rules of <c>src/Traktor.Engine/Schema/README.md</c> that a script can break without a server noticing.
/// </summary>
public sealed class SchemaScriptsTests
{
    private static readonly SchemaScripts Release = SchemaScripts.Release;

    [Fact]
    public void Migrations_AreNumberedWithoutGaps() =>
        Assert.Equal(Enumerable.Range(1, Release.Version), Release.Migrations.Select(SchemaScripts.NumberOf));

    [Fact]
    public void AnyTime_FunctionsThenViewsThenGrants() =>
        Assert.Equal(
            ["Functions", "Views", "Grants"],
            Release
                .AnyTime.Select(script => script.Path.Split('/')[1])
                .Aggregate(
                    new List<string>(),
                    (folders, folder) =>
                    {
                        if (folders.LastOrDefault() != folder)
                            folders.Add(folder);
                        return folders;
                    }
                )
        );

    [Fact]
    public void Functions_EachFileMakesTheOneItIsNamedAfter() =>
        Assert.All(
            Release.AnyTime.Where(script => script.IsIn("Schema/Functions")),
            script =>
                Assert.Equal(
                    [$"create or replace trktr.{script.Name}("],
                    Regex
                        .Matches(script.Text, @"(create(?: or replace)?) (?:function|procedure) (trktr\.\w+\()")
                        .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}")
                )
        );

    [Fact]
    public void Views_EachFileMakesTheOneItIsNamedAfter() =>
        Assert.All(
            Release.AnyTime.Where(script => script.IsIn("Schema/Views")),
            script => Assert.Contains($"create or replace view trktr.{script.Name} as", script.Text, StringComparison.Ordinal)
        );

    [Fact]
    public void Functions_HeaderNamesCallersSessionRightsAndSettings() =>
        Assert.All(
            Release.AnyTime.Where(script => script.IsIn("Schema/Functions")),
            script =>
            {
                var header = script.Text[..script.Text.IndexOf("create or replace", StringComparison.Ordinal)];
                Assert.All(
                    ["-- Called by: ", "-- Session:   ", "-- Rights:    ", "-- Settings:  "],
                    line => Assert.Contains("\n" + line, header, StringComparison.Ordinal)
                );
                // The settings of the body, and no others.
                var settings = header[header.IndexOf("-- Settings:", StringComparison.Ordinal)..];
                Assert.Equal(
                    Names(script.Text[header.Length..], @"(?:current_setting|set_config)\(\s*'(trktr\.\w+)'(?!::)"),
                    Names(settings, @"(trktr\.\w+)")
                );
            }
        );

    [Fact]
    public void Hash_AnotherText_IsAnother()
    {
        SchemaScript[] scripts = [.. Release.Migrations, .. Release.AnyTime];
        Assert.Equal(Release.Hash, new SchemaScripts([.. scripts.Reverse()]).Hash);
        var last = scripts[^1];
        Assert.NotEqual(Release.Hash, new SchemaScripts([.. scripts[..^1], last with { Text = last.Text + "\n" }]).Hash);
        Assert.NotEqual(Release.Hash, new SchemaScripts(scripts[..^1]).Hash);
    }

    private static IEnumerable<string> Names(string text, string pattern) =>
        Regex.Matches(text, pattern).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
}
