using System.Text.Json;
using System.Text.Json.Nodes;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Live.Cases;

/// <summary>Where a merged column's value comes from.</summary>
public enum ColumnSource
{
    /// <summary>The local row.</summary>
    Local,

    /// <summary>The remote row.</summary>
    Remote,

    /// <summary>The typed value.</summary>
    Own,
}

/// <summary>A merged row that is edited column by column.</summary>
public sealed class MergeDraft
{
    private readonly Dictionary<string, (ColumnSource Source, string? Text)> _chosen = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string?> _base;

    /// <param name="columns">The table's columns.</param>
    /// <param name="local">The present row; null when there is none: then the merge is based on the remote row.</param>
    /// <param name="remote">The remote row.</param>
    public MergeDraft(
        IReadOnlyList<RowColumn> columns,
        IReadOnlyDictionary<string, string?>? local,
        IReadOnlyDictionary<string, string?>? remote
    )
    {
        (Columns, Local, Remote) = (columns, local, remote);
        _base = local ?? remote ?? new Dictionary<string, string?>();
        foreach (var column in columns)
            _chosen[column.Name] = (local is null ? ColumnSource.Remote : ColumnSource.Local, _base.GetValueOrDefault(column.Name));
    }

    /// <summary>The table's columns.</summary>
    public IReadOnlyList<RowColumn> Columns { get; }

    /// <summary>The local row.</summary>
    public IReadOnlyDictionary<string, string?>? Local { get; }

    /// <summary>The remote row.</summary>
    public IReadOnlyDictionary<string, string?>? Remote { get; }

    /// <summary>Where a column's value comes from.</summary>
    public ColumnSource SourceOf(string column) => _chosen[column].Source;

    /// <summary>A column's value as text; null for NULL.</summary>
    public string? TextOf(string column) => _chosen[column].Text;

    /// <summary>
    /// Whether a column can be given another value: keys identify the row, generated columns are computed.
    /// </summary>
    public static bool CanChange(RowColumn column) => column is { IsKey: false, IsGenerated: false, IsAlwaysIdentity: false };

    /// <summary>Takes a column's value from one of the rows, or keeps the present value for editing.</summary>
    public void Take(string column, ColumnSource source) =>
        _chosen[column] = (
            source,
            source switch
            {
                ColumnSource.Local => Local?.GetValueOrDefault(column),
                ColumnSource.Remote => Remote?.GetValueOrDefault(column),
                _ => _chosen[column].Text,
            }
        );

    /// <summary>Gives a column a value of its own.</summary>
    public void Write(string column, string? text) => _chosen[column] = (ColumnSource.Own, text);

    /// <summary>
    /// What is wrong with a column's value, as far as the console can tell without the server; null when nothing is.
    /// </summary>
    public string? WrongWith(RowColumn column)
    {
        var text = TextOf(column.Name);
        return text switch
        {
            null => column.IsRequired && CanChange(column) ? "The column is NOT NULL." : null,
            // In a merged row, as in jsonb_populate_record, the JSON value null is NULL.
            _ when column.Kind == ColumnKind.Json
                    && text.Trim() == "null"
                    && (Local is null || SourceOf(column.Name) != ColumnSource.Local) =>
                "A merge cannot write the JSON value null; it would become NULL. Choose NULL or another value.",
            _ when SourceOf(column.Name) != ColumnSource.Own => null,
            _ => ValueWords.WrongWith(column, text),
        };
    }

    /// <summary>All values, for the preview.</summary>
    public IReadOnlyDictionary<string, string?> Values() =>
        Columns
            .Where(column => !column.IsGenerated && Has(column))
            .ToDictionary(column => column.Name, column => TextOf(column.Name), StringComparer.Ordinal);

    /// <summary>
    /// The columns to send: the key, and those that differ from the present row; with <paramref name="isWhole"/> all
    /// that are known.
    /// </summary>
    public JsonElement Row(bool isWhole = false)
    {
        var row = new JsonObject();
        foreach (var column in Columns.Where(column => !column.IsGenerated && Has(column)))
            if (
                isWhole
                || column.IsKey
                || (
                    CanChange(column) && !string.Equals(TextOf(column.Name), _base.GetValueOrDefault(column.Name), StringComparison.Ordinal)
                )
            )
                row[column.Name] = Value(column);
        return JsonSerializer.SerializeToElement(row);
    }

    /// <summary>Whether a column differs from the present row.</summary>
    public bool HasChanges =>
        Columns.Any(column =>
            CanChange(column)
            && Has(column)
            && !string.Equals(TextOf(column.Name), _base.GetValueOrDefault(column.Name), StringComparison.Ordinal)
        );

    private bool Has(RowColumn column) =>
        _base.ContainsKey(column.Name) || SourceOf(column.Name) != ColumnSource.Local || Remote?.ContainsKey(column.Name) == true;

    /// <summary>PostgreSQL reads every type from its text except JSON, whose text would become a JSON string.</summary>
    private JsonNode? Value(RowColumn column)
    {
        if (TextOf(column.Name) is not { } text)
            return null;
        if (column.Kind != ColumnKind.Json)
            return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text) ?? JsonValue.Create<string?>(null);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
