using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Live.Cases;

/// <summary>Cases to look at: key 1, contested between nodes 0 and 1; the case is node 0's.</summary>
internal static class SomeCase
{
    public static readonly Stamp Early = new(Entries.Noon, 0);
    public static readonly Stamp Late = new(Entries.Noon.AddSeconds(1), 1);

    public static readonly IReadOnlyList<RowColumn> Columns =
    [
        Column("id", ColumnKind.WholeNumber, "integer") with
        {
            IsKey = true,
            IsRequired = true,
        },
        Column("payload", ColumnKind.Text, "text"),
        Column("facts", ColumnKind.Json, "jsonb"),
        Column("twice", ColumnKind.WholeNumber, "integer") with
        {
            IsGenerated = true,
        },
    ];

    public static RowColumn Column(string name, ColumnKind kind, string type, params string[] labels) =>
        new(name, type, kind, labels, false, false, false, false);

    public static IReadOnlyDictionary<string, string?> Row(string payload, string? facts = null) =>
        new Dictionary<string, string?>
        {
            ["id"] = "1",
            ["payload"] = payload,
            ["facts"] = facts,
        };

    /// <summary>Node 0 has "here", written early; node 1 sent "there", written late.</summary>
    public static HistoryEntry Entry(long id = 7, ConflictType type = ConflictType.InsertExists, string operation = "insert") =>
        Entries.Entry(
            id,
            type,
            operation,
            remote: operation == "delete" ? null : """{"id":1,"payload":"there"}""",
            localStamp: Early,
            remoteStamp: Late
        );

    /// <summary>The same conflict as node 1 has it.</summary>
    public static HistoryEntry Mirror(long id = 9) =>
        Entries.Entry(
            id,
            local: """{"id":1,"payload":"there"}""",
            remote: """{"id":1,"payload":"here"}""",
            localStamp: Late,
            remoteStamp: Early
        );

    public static RowFound Found(int node, IReadOnlyDictionary<string, string?>? row, Stamp? stamp = null) =>
        new(node, "shop.orders", Entries.Json("""{"id":1}""")!.Value, Columns, row, stamp?.Committed, stamp?.Node);

    public static CaseView View(HistoryEntry entry, IReadOnlyDictionary<string, string?>? now, params RowOnNode[] others)
    {
        var found = Found(0, now, now is null ? null : Early);
        var rows = new ConflictRows(0, Columns, [Row("here")], entry.Operation == "delete" ? null : Row("there"), null, found, null);
        return new CaseView(0, new ConflictCase(0, entry, null, []), rows, [new RowOnNode(0, found, [entry], null), .. others]);
    }

    public static RowOnNode Other(int node, string payload, params HistoryEntry[] conflicts) =>
        new(node, Found(node, Row(payload), Late), conflicts, null);
}
