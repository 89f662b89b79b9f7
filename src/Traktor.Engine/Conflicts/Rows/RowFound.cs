using System.Text.Json;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>A row as one node has it now.</summary>
/// <param name="Node">The node.</param>
/// <param name="Relation">The table.</param>
/// <param name="Key">The requested key.</param>
/// <param name="Columns">The table's columns in their order.</param>
/// <param name="Row">Each column's value in PostgreSQL's text form (times in UTC), or null for NULL. Null if there is
/// no such row.</param>
/// <param name="Stamp">When this version was committed, on the node that wrote it; null if there is no row or the
/// server no longer has the timestamp.</param>
/// <param name="Origin">NodeID of the node that wrote it; null in the same cases.</param>
public sealed record RowFound(
    int Node,
    string Relation,
    JsonElement Key,
    IReadOnlyList<RowColumn> Columns,
    IReadOnlyDictionary<string, string?>? Row,
    DateTimeOffset? Stamp,
    int? Origin
);

/// <summary>
/// Both versions of a conflict in one form, so that they can be compared with each other and with the current row.
/// </summary>
/// <param name="Node">The node that detected the conflict.</param>
/// <param name="Columns">The table's columns in their order; empty if the table no longer exists.</param>
/// <param name="Local">The local rows: none, one, or several blocking rows. Values are PostgreSQL's text.</param>
/// <param name="Remote">The remote row; null for a delete. Unchanged TOASTed columns, which the peer did not send, are
/// missing.</param>
/// <param name="Merged">The merged columns of a decision; null if there was no merge.</param>
/// <param name="Now">The current row; null if it cannot be read.</param>
/// <param name="Problem">Why the table could not be read, in a sentence; the versions are then shown as recorded.
/// Otherwise null.</param>
public sealed record ConflictRows(
    int Node,
    IReadOnlyList<RowColumn> Columns,
    IReadOnlyList<IReadOnlyDictionary<string, string?>> Local,
    IReadOnlyDictionary<string, string?>? Remote,
    IReadOnlyDictionary<string, string?>? Merged,
    RowFound? Now,
    string? Problem
);

/// <summary>The result of checking columns that an operator wants to write. Nothing was written.</summary>
/// <param name="Node">The node.</param>
/// <param name="Relation">The table.</param>
/// <param name="Row">The values as the server would store them, as PostgreSQL's text; invalid values are left
/// out.</param>
/// <param name="Errors">The errors by column; empty if all values can be written.</param>
public sealed record RowCheck(int Node, string Relation, IReadOnlyDictionary<string, string?> Row, IReadOnlyList<ColumnError> Errors);

/// <summary>Why a value cannot be written.</summary>
/// <param name="Column">The column; empty for an error that concerns the row.</param>
/// <param name="Problem">The error, as a sentence.</param>
public sealed record ColumnError(string Column, string Problem);
