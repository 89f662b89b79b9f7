using System.Text;

namespace Traktor.Engine.Postgres;

/// <summary>A table's schema and name, exactly as the catalog holds them.</summary>
public sealed record TableName(string Schema, string Name)
{
    /// <summary>Longest identifier that a standard build holds, in bytes of UTF-8 (NAMEDATALEN − 1).</summary>
    public const int MaxBytes = 63;

    /// <summary>The form to use in SQL, both parts quoted.</summary>
    public string Quoted => Quote.Identifier(Schema) + "." + Quote.Identifier(Name);

    /// <summary>The form that is shown and accepted back: parts are quoted only where PostgreSQL itself would need it.</summary>
    public override string ToString() => Shown(Schema) + "." + Shown(Name);

    /// <summary>
    /// Reads <c>schema.table</c> as a user writes it: each part plain, or in double quotes (doubled inside) when it
    /// holds a dot or a quote. A plain part keeps its case: <c>public.MixedCase</c> means the table that the catalog
    /// calls MixedCase; <see cref="Folded"/> is the second guess.
    /// </summary>
    /// <exception cref="RefusedException">Malformed, naming what is wrong.</exception>
    public static TableName Parse(string text)
    {
        var parts = new List<string>();
        for (var at = 0; ; at++)
        {
            parts.Add(Part(text, ref at));
            if (at == text.Length)
                break;
            if (text[at] != '.')
                throw Malformed(text, "after a part comes a dot or the end");
        }

        if (parts.Count != 2)
            throw Malformed(text, "it needs two parts, schema.table");
        foreach (var part in parts)
        {
            if (part.Length == 0)
                throw Malformed(text, "a part is empty");
            if (part.Contains('\0', StringComparison.Ordinal))
                throw Malformed(text, "a name cannot hold a NUL character");
            if (!Quote.IsWellFormed(part))
                throw Malformed(text, "half of a surrogate pair is no character");
            if (Encoding.UTF8.GetByteCount(part) > MaxBytes)
                throw Malformed(text, $"a name is longer than {MaxBytes} bytes");
        }

        return new TableName(parts[0], parts[1]);
    }

    /// <summary>
    /// The name that an unquoted identifier means in SQL: A to Z become lower case; other letters stay, as on every
    /// server whose encoding is UTF-8.
    /// </summary>
    public TableName Folded() => new(Fold(Schema), Fold(Name));

    private static string Part(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var end = text.IndexOf('.', at);
            var plain = end < 0 ? text[at..] : text[at..end];
            if (plain.Contains('"', StringComparison.Ordinal))
                throw Malformed(text, "a double quote inside a plain part; quote the whole part and double the quote");
            at += plain.Length;
            return plain;
        }

        var part = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
                part.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"')
                part.Append(text[at++]);
            else
            {
                at++;
                return part.ToString();
            }
        }

        throw Malformed(text, "a quoted part does not end");
    }

    private static string Fold(string part) => string.Concat(part.Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c));

    private static string Shown(string part) =>
        part.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c > 127) && !char.IsAsciiDigit(part[0]) ? part : Quote.Identifier(part);

    private static RefusedException Malformed(string text, string why)
    {
        // By whole characters, and none that a reader could not see: the message goes into JSON and logs.
        var runes = text.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? "�" : rune.ToString());
        var shown = string.Concat(runes.Take(80)) + (text.Length > 80 ? "…" : "");
        return RefusedException.Malformed(
            $"'{shown}' is no table name: {why}.",
            "Write schema.table, or \"My Schema\".\"My.Table\" with quotes."
        );
    }
}
