using System.Text.RegularExpressions;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>The engine's README leads a newcomer through files that are there, in the order of the rooms.</summary>
public sealed partial class ReadmeTests
{
    private const int LongestWalk = 25;

    private static readonly string Folder = Path.Combine(Repository.Root, "src", "Traktor.Engine");
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Folder, "README.md"));

    [Fact]
    public void Rooms_AreThoseOfTheTest_InTheirOrder() =>
        Assert.Equal(
            Rooms.Engine.All,
            Lines.Select(line => Room().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)
        );

    [Fact]
    public void Walk_IsShort_AndNamesEachFileOnce()
    {
        var walk = Walk();

        Assert.InRange(walk.Count, 10, LongestWalk);
        Assert.Equal(walk.Count, walk.Distinct().Count());
        Assert.All(walk, file => Assert.True(File.Exists(Path.Combine(Folder, file)), $"{file} is not there."));
    }

    /// <summary>
    /// Of two files one names the other, or both name the table by which one hands over to the other.
    /// </summary>
    [Fact]
    public void Walk_OfTheEngine_LeadsFromFileToFile()
    {
        const string Table = "trktr.history";
        var read = new List<(string Name, string Text)>();
        foreach (var file in Walk().Where(file => !file.StartsWith("../", StringComparison.Ordinal)))
        {
            var (name, text) = (Path.GetFileNameWithoutExtension(file), File.ReadAllText(Path.Combine(Folder, file)));
            Assert.True(
                read.Count == 0
                    || read.Exists(before => Names(before.Text, name) || Names(text, before.Name))
                    || (Names(read[^1].Text, Table) && Names(text, Table)),
                $"Nothing leads to {file}."
            );
            read.Add((name, text));
        }
    }

    private static bool Names(string text, string name) => Regex.IsMatch(text, $@"\b{Regex.Escape(name)}\b");

    private static List<string> Walk() =>
        [
            .. Lines
                .SkipWhile(line => !line.StartsWith("## One conflict", StringComparison.Ordinal))
                .Skip(1)
                .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
                .Select(line => Step().Match(line))
                .Where(match => match.Success)
                .Select(match => match.Groups[1].Value),
        ];

    [GeneratedRegex(@"^\| `([A-Z][\w.]*)` \|")]
    private static partial Regex Room();

    [GeneratedRegex(@"^\d+\. `([^`]+)`:")]
    private static partial Regex Step();
}
