using System.Buffers;
using System.Text;
using Traktor.Engine.Healing.Reading;

namespace Traktor.Engine.Healing.Rows;

/// <summary>
/// A PostgreSQL array literal (<see href="https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO"/>) of any type
/// whose delimiter is the comma.
/// </summary>
internal static class ArrayLiteral
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\"\\");

    /// <summary>The values of some rows. Each is quoted, so that none is read as NULL or as a nested array.</summary>
    public static string Of(IReadOnlyList<RowChange> rows, Func<RowChange, string?> value)
    {
        var text = new StringBuilder(rows.Count * 8).Append('{');
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0)
                text.Append(',');
            if (value(rows[i]) is { } element)
                Append(text, element);
            else
                text.Append("NULL");
        }

        return text.Append('}').ToString();
    }

    private static void Append(StringBuilder text, string element)
    {
        text.Append('"');
        var rest = element.AsSpan();
        for (var at = rest.IndexOfAny(Escaped); at >= 0; at = rest.IndexOfAny(Escaped))
        {
            text.Append(rest[..at]).Append('\\').Append(rest[at]);
            rest = rest[(at + 1)..];
        }

        text.Append(rest).Append('"');
    }
}
