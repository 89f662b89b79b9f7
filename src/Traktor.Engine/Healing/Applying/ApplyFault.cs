using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Applying;

/// <summary>A remote change that cannot be applied because of a <see cref="TableFault"/>.</summary>
internal sealed class ApplyFault(TableFault fault, RemoteTransaction transaction, RemoteChange? change) : Exception(fault.Message, fault)
{
    /// <summary>SQLSTATE, PostgreSQL's or the one that its own worker gives for the same.</summary>
    public string SqlState => fault.SqlState;

    /// <summary>The table; null when it is not one table's fault.</summary>
    public TableName? Table { get; } = fault.Table ?? (change as RowChange)?.Relation.Table;

    /// <summary>What to do, in a sentence.</summary>
    public string Hint => fault.Hint;

    /// <summary>The transaction that holds the change.</summary>
    public RemoteTransaction Transaction { get; } = transaction;

    /// <summary>The change; null when it is not one change's.</summary>
    public RemoteChange? Change { get; } = change;
}
