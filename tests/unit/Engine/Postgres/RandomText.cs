using System.Text;

namespace Traktor.UnitTests.Engine.Postgres;

/// <summary>Texts made of what breaks quoting, from fixed seeds, so that a failure comes back.</summary>
internal static class RandomText
{
    private static readonly string[] Pieces =
    [
        "a",
        "Z",
        "0",
        "'",
        "\"",
        "\\",
        " ",
        "\t",
        "\n",
        "=",
        ";",
        "#",
        "&",
        "%",
        "%41",
        "@",
        ":",
        "/",
        "?",
        ",",
        "[",
        "]",
        "''",
        "\\'",
        "$$",
        "--",
        "ä",
        "漢",
        "🚜",
        "\u00a0",
        "user=",
        "password=",
        "***",
        "{",
        "}",
    ];

    public static IEnumerable<(Func<string> Value, Random Random)> Cases(int count)
    {
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            yield return (() => Value(random), random);
        }
    }

    private static string Value(Random random)
    {
        var text = new StringBuilder();
        for (var left = random.Next(1, 12); left > 0; left--)
            text.Append(Pieces[random.Next(Pieces.Length)]);

        // A line break at the end is refused by a connection string; another test is about that.
        return text.ToString().TrimEnd('\n') is { Length: > 0 } value ? value : "a";
    }
}
