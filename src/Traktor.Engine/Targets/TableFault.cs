using Traktor.Engine.Postgres;

namespace Traktor.Engine.Targets;

/// <summary>
/// A table that does not take what is to be written: no conflict of rows, and nothing that trying again helps until
/// somebody mends the table.
/// </summary>
internal sealed class TableFault(string sqlState, TableName? table, string message, string hint, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>SQLSTATE, PostgreSQL's or the one that its own worker gives for the same.</summary>
    public string SqlState { get; } = sqlState;

    /// <summary>The table; null when it is not one table's fault.</summary>
    public TableName? Table { get; } = table;

    /// <summary>What to do, in a sentence.</summary>
    public string Hint { get; } = hint;
}
