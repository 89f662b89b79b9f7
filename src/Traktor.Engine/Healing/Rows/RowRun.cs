using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;

namespace Traktor.Engine.Healing.Rows;

/// <summary>Consecutive changes of one shape with different keys. One set of statements can apply them.</summary>
internal sealed class RowRun(RowShape shape)
{
    /// <summary>The most rows in one run.</summary>
    private const int MostRows = 1000;

    private readonly List<RowChange> changes = [];
    private HashSet<string>? keys;

    public RowShape Shape { get; } = shape;

    public IReadOnlyList<RowChange> Changes => changes;

    /// <summary>Adds a change if it fits the run.</summary>
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

    /// <summary>Adds the parameters that <see cref="RowNames"/> describes.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="rows">Some or all of <see cref="Changes"/>.</param>
    /// <param name="decisions">Decisions by ordinal; null for statements without decisions.</param>
    /// <param name="into">The collection to add to.</param>
    /// <param name="isTyped">Whether values of many rows are sent as arrays of the columns' types, not of text.</param>
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

    /// <summary>Adds the parameters of the procedure for many transactions of one change each.</summary>
    /// <param name="shape">The shape of all changes.</param>
    /// <param name="transactions">The whole transactions.</param>
    /// <param name="into">The collection to add to.</param>
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

    /// <summary>Positions are sent as text, because Npgsql does not support arrays of pg_lsn.</summary>
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
        // Of unknown type, so that the server uses the type of the surrounding cast.
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
