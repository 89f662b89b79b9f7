using System.Text.RegularExpressions;

namespace Traktor.Documents;

/// <summary>
/// A page of docs/ about the API, read as the tests need it. A section is a heading with what follows it up to the next
/// heading. In a section, a line that begins with a method and a path in backticks names a route; a table whose first
/// column is <c>field</c> describes an object of an answer, one whose first column is <c>body field</c> a request's
/// body; a fenced block of <c>sh</c> is a command, the <c>json</c> block after it the answer, with its status.
/// </summary>
internal sealed partial class ApiPage
{
    private readonly List<ApiSection> sections = [];

    private ApiPage(string text)
    {
        ApiSection? section = null;
        var lines = text.Split('\n');
        for (var at = 0; at < lines.Length; at++)
        {
            var line = lines[at];
            if (line.StartsWith('#'))
                sections.Add(section = new ApiSection(Anchor(line.TrimStart('#').Trim())));
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                var end = Array.FindIndex(lines, at + 1, other => other == "```");
                section?.Blocks.Add(new ApiBlock(section, line[3..], string.Join('\n', lines[(at + 1)..end])));
                at = end;
            }
            else if (Route().Match(line) is { Success: true } route)
                section?.Routes.Add($"{route.Groups[1]} {route.Groups[2]}");
            else if (line.StartsWith("**Answer**", StringComparison.Ordinal))
                section!.Answer = Link().Match(line) is { Success: true } link ? link.Groups[1].Value : section.Anchor;
            else if (line.StartsWith("| ", StringComparison.Ordinal))
            {
                var rows = lines.Skip(at).TakeWhile(row => row.StartsWith('|')).Select(Cells).ToList();
                section?.Tables.Add(rows);
                at += rows.Count - 1;
            }
        }
    }

    public IReadOnlyList<ApiSection> Sections => sections;

    /// <summary>
    /// The commands in the order in which they run: those marked <c>last</c>, which take away what others need, after
    /// all others and the last of them first.
    /// </summary>
    public IEnumerable<ApiBlock> Steps
    {
        get
        {
            var steps = sections.SelectMany(section => section.Blocks).Where(block => block.Language is "sh" or "sql").ToList();
            return steps.Where(step => !step.Has("last")).Concat(steps.Where(step => step.Has("last")).Reverse());
        }
    }

    public static ApiPage Parse(string text) => new(text);

    /// <summary>The table that describes a section's object or answer; null when it has none.</summary>
    public IReadOnlyList<ApiField>? Fields(string anchor)
    {
        var section = sections.FirstOrDefault(section => section.Anchor == anchor);
        return section?.Fields("field") ?? (section?.Answer is { } other && other != anchor ? Fields(other) : null);
    }

    /// <summary>The answer that follows a command; null when the page shows none.</summary>
    public static ApiBlock? AnswerOf(ApiBlock command)
    {
        var blocks = command.Section.Blocks;
        return blocks.ElementAtOrDefault(blocks.IndexOf(command) + 1) is { Language: "json" } answer ? answer : null;
    }

    private static string Anchor(string heading) => NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    private static string[] Cells(string row) => [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    [GeneratedRegex("^`(GET|PUT|POST|PATCH|DELETE) (/[^`]*)`")]
    private static partial Regex Route();

    [GeneratedRegex(@"\(#([a-z0-9-]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NotInAnchor();
}

/// <summary>A heading and what belongs to it.</summary>
internal sealed class ApiSection(string anchor)
{
    public string Anchor { get; } = anchor;

    public List<string> Routes { get; } = [];

    public List<ApiBlock> Blocks { get; } = [];

    public List<List<string[]>> Tables { get; } = [];

    /// <summary>Where the answer is described: this section or another one; null when the section names none.</summary>
    public string? Answer { get; set; }

    /// <summary>The rows of its table with this first column; null when it has none.</summary>
    public IReadOnlyList<ApiField>? Fields(string firstColumn) =>
        Tables
            .FirstOrDefault(table => table[0][0] == firstColumn)
            ?.Skip(2)
            .Select(row => new ApiField(row[0].Trim('`'), row[1], row.ElementAtOrDefault(2) ?? ""))
            .ToList();
}

/// <summary>A field as a table describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as the page writes it, links included.</param>
/// <param name="NullWhen">When it is null; empty when it never is. Of a body's field, whether it is required.</param>
internal sealed record ApiField(string Name, string Type, string NullWhen);

/// <summary>A fenced block.</summary>
/// <param name="Section">Where it stands.</param>
/// <param name="Info">The words after the fence.</param>
/// <param name="Text">What it holds.</param>
internal sealed record ApiBlock(ApiSection Section, string Info, string Text)
{
    public string Language => Info.Split(' ')[0];

    public bool Has(string word) => Info.Split(' ').Contains(word);
}
