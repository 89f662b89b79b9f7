using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;

namespace Traktor.Engine.Healing.Rows;

/// <summary>Consecutive changes of one shape with different keys: they can be applied by one set of statements.</summary>
internal sealed class RowRun(RowShape shape)
{
    /// <summary>The most rows in one.</summary>
    private const int MostRows = 1000;

    private readonly List<RowChange> changes = [];
    private HashSet<string>? keys;

    public RowShape Shape { get; } = shape;

    public IReadOnlyList<RowChange> Changes => changes;

    /// <summary>Adds a change if it belongs here.</summary>
    public bool TryAdd(RowShape shape, RowChange change)
    {
        if (changes.Count > 0)
        {
            if (changes.Count >= MostRows || !Shape.Equals(shape) || Shape is { Kind: ChangeKind.Update, HasOldKey: true })
                return false;
            keys ??= [KeyText(Shape, changes[0])];
            if (!keys.Add(KeyText(shape, change)))
                return false;
        }

        changes.Add(change);
        return true;
    }

    /// <summary>The parameters as <see cref="RowNames"/> has them.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="rows">Some or all of <see cref="Changes"/>.</param>
    /// <param name="decisions">What was decided by hand, by ordinal; null for statements that know of no decisions.</param>
    /// <param name="into">Where to put them.</param>
    /// <param name="isTyped">Whether many rows' values go as arrays of the columns' own types, not as texts.</param>
    public void Bind(
        RemoteTransaction transaction,
        IReadOnlyList<RowChange> rows,
        IReadOnlyDictionary<int, string>? decisions,
        NpgsqlParameterCollection into,
        bool isTyped = false
    )
    {
        var isMany = rows.Count > 1;
        AddValues(Shape, isMany, isTyped, rows, into);
        if (isMany)
            into.Add(Array([.. rows.Select(change => change.Ordinal)], NpgsqlDbType.Integer));
        else
            into.Add(new NpgsqlParameter<int> { TypedValue = rows[0].Ordinal, NpgsqlDbType = NpgsqlDbType.Integer });
        if (decisions is not null)
            Add(isMany, false, rows, change => decisions.GetValueOrDefault(change.Ordinal), into);
        into.Add(new NpgsqlParameter<NpgsqlLogSequenceNumber> { TypedValue = transaction.Lsn, NpgsqlDbType = NpgsqlDbType.PgLsn });
        into.Add(new NpgsqlParameter<DateTime> { TypedValue = transaction.Committed, NpgsqlDbType = NpgsqlDbType.TimestampTz });
    }

    /// <summary>The parameters of the procedure for many transactions of one change each.</summary>
    /// <param name="shape">The shape of all changes.</param>
    /// <param name="transactions">The transactions, whole.</param>
    /// <param name="into">Where to put them.</param>
    public static void BindStream(RowShape shape, IReadOnlyList<RemotePart> transactions, NpgsqlParameterCollection into)
    {
        RowChange[] rows = [.. transactions.Select(part => (RowChange)part.Changes[0])];
        AddValues(shape, isMany: true, isTyped: true, rows, into);
        into.Add(Array([.. rows.Select(row => row.Ordinal)], NpgsqlDbType.Integer));
        into.Add(Array(transactions.Select(part => part.Transaction.Lsn)));
        into.Add(Array([.. transactions.Select(part => part.Transaction.Committed)], NpgsqlDbType.TimestampTz));
        into.Add(Array(transactions.Select(part => part.End!.Value)));
    }

    private static void AddValues(RowShape shape, bool isMany, bool isTyped, IReadOnlyList<RowChange> rows, NpgsqlParameterCollection into)
    {
        foreach (var column in shape.Present)
            Add(isMany, isTyped, rows, change => change.New![column], into);
        if (shape.HasOldKey)
            foreach (var column in shape.Relation.Key)
                Add(isMany, isTyped, rows, change => change.Old![column], into);
    }

    private static NpgsqlParameter<T[]> Array<T>(T[] values, NpgsqlDbType type) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    /// <summary>Positions go as text; the driver knows no arrays of them.</summary>
    private static NpgsqlParameter Array(IEnumerable<NpgsqlLogSequenceNumber> positions) =>
        new() { Value = $"{{{string.Join(',', positions)}}}", NpgsqlDbType = NpgsqlDbType.Unknown };

    private static void Add(
        bool isMany,
        bool isTyped,
        IReadOnlyList<RowChange> rows,
        Func<RowChange, string?> value,
        NpgsqlParameterCollection into
    )
    {
        // Of unknown type: the server takes it for what the cast around it says.
        if (!isMany)
            into.Add(new NpgsqlParameter { Value = (object?)value(rows[0]) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown });
        else if (isTyped)
            into.Add(new NpgsqlParameter { Value = ArrayLiteral.Of(rows, value), NpgsqlDbType = NpgsqlDbType.Unknown });
        else
            into.Add(Array([.. rows.Select(value)], NpgsqlDbType.Text));
    }

    private static string KeyText(RowShape shape, RowChange change)
    {
        var values = shape.KeyOf(change);
        return shape.Relation.Key.Count == 1 ? values.First() ?? "" : string.Concat(values.Select(value => $"{value?.Length}:{value}"));
    }
}
