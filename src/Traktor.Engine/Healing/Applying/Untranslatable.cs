using System.Globalization;
using System.Text;
using Npgsql;
using Traktor.Engine.Healing.Reading;

namespace Traktor.Engine.Healing.Applying;

/// <summary>A character of a peer's row that the encoding of this database lacks.</summary>
/// <param name="Column">The column.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Character">The character, by its number, as <c>U+20AC</c>.</param>
/// <param name="Encoding">The encoding of this database.</param>
internal sealed record Untranslatable(string Column, string Key, string Character, string Encoding)
{
    /// <summary>What is wrong, in a sentence.</summary>
    public string Problem =>
        $"Column {Column} of the row with {Key} has the character {Character}, which encoding {Encoding} of this database lacks.";

    /// <summary>What to do, in a sentence.</summary>
    public const string Hint =
        "Move this node to a database with encoding UTF8. An application that writes for it must not use such characters.";

    /// <summary>Whether an error says that there is such a character.</summary>
    public static bool IsCauseOf(Exception? error) => error is PostgresException { SqlState: PostgresErrorCodes.UntranslatableCharacter };

    /// <summary>
    /// Finds it by having the server take each character; null when the server takes all of them, for example because
    /// its own texts cannot be sent.
    /// </summary>
    public static async Task<Untranslatable?> FindAsync(NpgsqlConnection connection, RowChange change, CancellationToken cancel)
    {
        foreach (var values in new[] { change.New, change.Old })
            for (var i = 0; i < (values?.Length ?? 0); i++)
                if (values![i] is { } text && !await IsTakenAsync(connection, text, cancel))
                    foreach (var rune in text.EnumerateRunes().Where(rune => !rune.IsAscii).Distinct())
                        if (!await IsTakenAsync(connection, rune.ToString(), cancel))
                            return new Untranslatable(
                                change.Relation.Columns[i].Name,
                                Escaped(KeyOf(change)),
                                NumberOf(rune),
                                connection.PostgresParameters["server_encoding"]
                            );
        return null;
    }

    /// <summary>The row as it can be recorded here.</summary>
    public static RowChange Escaped(RowChange change) => change with { Old = Escaped(change.Old), New = Escaped(change.New) };

    /// <summary>A text with every character that is not ASCII by its number, which any database takes.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            escaped.Append(rune.IsAscii ? rune.ToString() : NumberOf(rune));
        return escaped.ToString();
    }

    private static string?[]? Escaped(string?[]? values) =>
        values is null ? null : [.. values.Select(value => value is null || RowChange.IsUnchanged(value) ? value : Escaped(value))];

    private static string NumberOf(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");

    private static string KeyOf(RowChange change) =>
        string.Join(
            ", ",
            change
                .Relation.Columns.Select((column, i) => (column, Value: (change.Old ?? change.New)?[i]))
                .Where(part => part.column.IsKey)
                .Select(part => $"{part.column.Name} = {part.Value}")
        );

    private static async Task<bool> IsTakenAsync(NpgsqlConnection connection, string text, CancellationToken cancel)
    {
        try
        {
            await using var command = new NpgsqlCommand("select $1::text is null", connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
            await command.ExecuteScalarAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (IsCauseOf(e))
        {
            return false;
        }
    }
}
