using Npgsql;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Applying;

/// <summary>A remote change that cannot be applied because of a <see cref="TableFault"/>.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="transaction">The transaction that holds the change.</param>
/// <param name="change">The change; null when the error does not concern one change.</param>
/// <param name="hint">What to do, where more is known of it than the fault says.</param>
internal sealed class ApplyFault(TableFault fault, RemoteTransaction transaction, RemoteChange? change, string? hint = null)
    : Exception(fault.Message, fault)
{
    /// <summary>The SQLSTATE that PostgreSQL reported, or that its apply worker reports for the same error.</summary>
    public string SqlState => fault.SqlState;

    /// <summary>The table; null when the error does not concern one table.</summary>
    public TableName? Table { get; } = fault.Table ?? (change as RowChange)?.Relation.Table;

    /// <summary>What to do, in a sentence.</summary>
    public string Hint => hint ?? fault.Hint;

    /// <summary>Whether the table has no partition for the row.</summary>
    public bool IsPartitionMissing => fault.InnerException is PostgresException error && ApplyErrors.IsPartitionMissing(error);

    /// <summary>Whether a value has a character that the encoding of this database lacks.</summary>
    public bool IsUntranslatable => Untranslatable.IsCauseOf(fault.InnerException);

    /// <summary>The same, said in another way and with the row as it can be recorded.</summary>
    public ApplyFault With(Untranslatable cause, RowChange change)
    {
        var said = new TableFault(SqlState, Table, cause.Problem, Untranslatable.Hint, fault.InnerException);
        return new ApplyFault(said, Transaction, Untranslatable.Escaped(change));
    }

    /// <summary>The same with another hint.</summary>
    public ApplyFault With(string otherHint) => new(fault, Transaction, Change, otherHint);

    /// <summary>The transaction that holds the change.</summary>
    public RemoteTransaction Transaction { get; } = transaction;

    /// <summary>The change; null when the error does not concern one change.</summary>
    public RemoteChange? Change { get; } = change;
}
