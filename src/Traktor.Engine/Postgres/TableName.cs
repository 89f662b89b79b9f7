using System.Text;

namespace Traktor.Engine.Postgres;

/// <summary>A table's schema and name, exactly as in the catalog.</summary>
public sealed record TableName(string Schema, string Name)
{
    /// <summary>The longest identifier of a standard build, in bytes of UTF-8 (NAMEDATALEN − 1).</summary>
    public const int MaxBytes = 63;

    /// <summary>The form for SQL, both parts quoted.</summary>
    public string Quoted => Quote.Identifier(Schema) + "." + Quote.Identifier(Name);

    /// <summary>
    /// The form for display, which <see cref="Parse"/> accepts: parts are quoted only where PostgreSQL requires it.
    /// </summary>
    public override string ToString() => Shown(Schema) + "." + Shown(Name);

    /// <summary>
    /// Parses <c>schema.table</c> as a user writes it. Each part is plain, or in double quotes (doubled inside) if it
    /// contains a dot or a quote. A plain part keeps its case: <c>public.MixedCase</c> is the table that the catalog
    /// calls MixedCase; otherwise <see cref="Folded"/> is tried.
    /// </summary>
    /// <exception cref="RefusedException">Malformed, with the reason.</exception>
    public static TableName Parse(string text)
    {
        var parts = new List<string>();
        for (var at = 0; ; at++)
        {
            parts.Add(Part(text, ref at));
            if (at == text.Length)
                break;
            if (text[at] != '.')
                throw Malformed(text, "a part must be followed by a dot or the end");
        }

        if (parts.Count != 2)
            throw Malformed(text, "it needs two parts, schema.table");
        foreach (var part in parts)
        {
            if (part.Length == 0)
                throw Malformed(text, "a part is empty");
            if (part.Contains('\0', StringComparison.Ordinal))
                throw Malformed(text, "a name cannot contain a NUL character");
            if (!Quote.IsWellFormed(part))
                throw Malformed(text, "half of a surrogate pair is not a character");
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
                throw Malformed(text, "a plain part contains a double quote; quote the whole part and double the quote");
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

        throw Malformed(text, "a quoted part is not terminated");
    }

    private static string Fold(string part) => string.Concat(part.Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c));

    private static string Shown(string part) =>
        part.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c > 127) && !char.IsAsciiDigit(part[0]) ? part : Quote.Identifier(part);

    private static RefusedException Malformed(string text, string why)
    {
        // By whole characters, without invisible ones, because the message appears in JSON and logs.
        var runes = text.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? "�" : rune.ToString());
        var shown = string.Concat(runes.Take(80)) + (text.Length > 80 ? "…" : "");
        return RefusedException.Malformed(
            $"'{shown}' is not a table name: {why}.",
            "Write schema.table, or \"My Schema\".\"My.Table\" with quotes."
        );
    }
}
