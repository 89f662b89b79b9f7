using System.Text.RegularExpressions;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>
/// Lines of code have at most 140 columns, comments in them 120, and lines of Markdown 100 outside tables, code blocks
/// and the targets of links. A column is a Unicode character.
/// </summary>
public sealed partial class LineLengthTests
{
    private const int LongestOfCode = 140;
    private const int LongestOfComments = 120;
    private const int LongestOfProse = 100;

    [Fact]
    public void Code_NoLine_IsLongerThan140() =>
        AssertNoneIsLonger(
            Repository.Files(".cs", ".razor", ".sql", ".csproj", ".props", ".ini", ".ci/run"),
            lines => lines,
            LongestOfCode
        );

    [Fact]
    public void SqlComments_NoLine_IsLongerThan120() =>
        AssertNoneIsLonger(
            Repository.Files(".sql"),
            lines => lines.Select(line => line.TrimStart().StartsWith("--", StringComparison.Ordinal) ? line : ""),
            LongestOfComments
        );

    /// <summary>A database of another encoding than UTF8 rejects a script with a character that it lacks.</summary>
    [Fact]
    public void SqlScripts_EveryCharacter_IsAscii() =>
        AssertNoneIsLonger(
            Repository.Files(".sql").Where(file => file.Contains($"{Path.DirectorySeparatorChar}src{Path.DirectorySeparatorChar}")),
            lines => lines.Select(line => string.Concat(line.Where(character => !char.IsAscii(character)))),
            longest: 0
        );

    [Fact]
    public void Comments_NoLine_IsLongerThan120() =>
        AssertNoneIsLonger(
            Repository.Files(".cs"),
            lines => lines.Select(line => line.TrimStart().StartsWith("//", StringComparison.Ordinal) ? line : ""),
            LongestOfComments
        );

    [Fact]
    public void Markdown_NoLine_IsLongerThan100() => AssertNoneIsLonger(Repository.Files(".md"), Prose, LongestOfProse);

    [Theory]
    [InlineData("{0}", true)]
    [InlineData("- {0}", true)]
    [InlineData("a | {0}", true)]
    [InlineData("```\nselect 1\n```\n{0}", true)]
    [InlineData("[{0}](docs/a.md)", true)]
    [InlineData("| {0} |", false)]
    [InlineData("```\n{0}\n```", false)]
    [InlineData("- A list.\n\n  ```sql\n  {0}\n  ```", false)]
    [InlineData("See [its manual](https://example.com/{0}).", false)]
    [InlineData("<https://example.com/{0}>", false)]
    [InlineData("[manual]: https://example.com/{0}", false)]
    public void Prose_LongLine_CountsWhereItCanBeWrapped(string text, bool counts)
    {
        var lines = text.Replace("{0}", new string('ü', LongestOfProse + 1), StringComparison.Ordinal).Split('\n');

        Assert.Equal(counts, Prose(lines).Any(line => Columns(line) > LongestOfProse));
    }

    [Fact]
    public void Columns_OfAnyText_AreItsCharacters() => Assert.Equal(4, Columns("aü\U0001F418…"));

    private static void AssertNoneIsLonger(IEnumerable<string> files, Func<IEnumerable<string>, IEnumerable<string>> counted, int longest)
    {
        var longer =
            from file in files
            from line in counted(File.ReadLines(file)).Select((text, index) => (Columns: Columns(text), Number: index + 1))
            where line.Columns > longest
            select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Number} has {line.Columns} columns.";
        var text = string.Join('\n', longer);
        Assert.True(text.Length == 0, text);
    }

    private static int Columns(string text) => text.EnumerateRunes().Count();

    /// <summary>What of each line can be wrapped: nothing of tables and code blocks.</summary>
    private static IEnumerable<string> Prose(IEnumerable<string> lines)
    {
        var isCode = false;
        foreach (var line in lines)
        {
            var start = line.TrimStart();
            var isFence = start.StartsWith("```", StringComparison.Ordinal);
            isCode ^= isFence;
            yield return isCode || isFence || start.StartsWith('|') ? "" : LinkTarget().Replace(line, "");
        }
    }

    [GeneratedRegex(@"(?<=\])\([^)]*\)|<https?://[^>]*>|^\[[^\]]+\]:.*")]
    private static partial Regex LinkTarget();
}
