using Traktor.Engine.Postgres;

namespace Traktor.Engine.Targets;

/// <summary>
/// A table cannot take what is to be written. This is no conflict of rows, and retrying does not help until an operator
/// has fixed the table.
/// </summary>
internal sealed class TableFault(string sqlState, TableName? table, string message, string hint, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>The SQLSTATE that PostgreSQL reported, or that its apply worker reports for the same error.</summary>
    public string SqlState { get; } = sqlState;

    /// <summary>The table; null when the error does not concern one table.</summary>
    public TableName? Table { get; } = table;

    /// <summary>What to do, in a sentence.</summary>
    public string Hint { get; } = hint;
}
