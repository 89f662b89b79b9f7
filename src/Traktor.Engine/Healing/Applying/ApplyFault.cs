using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Applying;

/// <summary>A remote change that cannot be applied because of a <see cref="TableFault"/>.</summary>
internal sealed class ApplyFault(TableFault fault, RemoteTransaction transaction, RemoteChange? change) : Exception(fault.Message, fault)
{
    /// <summary>The SQLSTATE that PostgreSQL reported, or that its apply worker reports for the same error.</summary>
    public string SqlState => fault.SqlState;

    /// <summary>The table; null when the error does not concern one table.</summary>
    public TableName? Table { get; } = fault.Table ?? (change as RowChange)?.Relation.Table;

    /// <summary>What to do, in a sentence.</summary>
    public string Hint => fault.Hint;

    /// <summary>The transaction that holds the change.</summary>
    public RemoteTransaction Transaction { get; } = transaction;

    /// <summary>The change; null when the error does not concern one change.</summary>
    public RemoteChange? Change { get; } = change;
}
