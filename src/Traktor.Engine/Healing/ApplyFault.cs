using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing;

/// <summary>
/// A remote change that cannot be applied to the table as it is: no conflict of rows, and nothing that trying again
/// helps until somebody mends the table.
/// </summary>
internal sealed class ApplyFault(string sqlState, TableName? table, string message, string hint, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>SQLSTATE, PostgreSQL's or the one that its own worker gives for the same.</summary>
    public string SqlState { get; } = sqlState;

    /// <summary>The table; null when it is not one table's fault.</summary>
    public TableName? Table { get; } = table;

    /// <summary>What to do, in a sentence.</summary>
    public string Hint { get; } = hint;

    /// <summary>The transaction that holds the change.</summary>
    public RemoteTransaction? Transaction { get; init; }

    /// <summary>The change.</summary>
    public RemoteChange? Change { get; init; }

    /// <summary>The same with the place where it happened.</summary>
    public ApplyFault At(RemoteTransaction transaction, RemoteChange? change) =>
        new(SqlState, Table ?? (change as RowChange)?.Relation.Table, Message, Hint, InnerException)
        {
            Transaction = transaction,
            Change = Change ?? change,
        };
}
