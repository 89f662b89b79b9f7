using System.Text.Json;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>A row as one node has it now.</summary>
/// <param name="Node">The node.</param>
/// <param name="Relation">The table.</param>
/// <param name="Key">The key that was asked for.</param>
/// <param name="Columns">The table's columns in their order.</param>
/// <param name="Row">Each column's value in PostgreSQL's own text form (times in UTC), or null for NULL; null when
/// there is no such row.</param>
/// <param name="Stamp">When this version was committed, on the node that wrote it; null when there is none, or the
/// server does not know it any more.</param>
/// <param name="Origin">NodeID of the node that wrote it; null likewise.</param>
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
/// Both versions of a conflict in one form, so that they can be compared with one another and with the row as it is
/// now.
/// </summary>
/// <param name="Node">The node whose conflict it is.</param>
/// <param name="Columns">The table's columns in their order; empty when it does not exist any more.</param>
/// <param name="Local">The rows that were there: none, one, or several in the way. Values as PostgreSQL's text.</param>
/// <param name="Remote">The row that arrived; null for a delete. Columns that the peer did not send (unchanged and
/// stored out of line) are missing.</param>
/// <param name="Merged">The columns that were merged by hand; null when none were.</param>
/// <param name="Now">The row as it is now; null when it cannot be looked up.</param>
/// <param name="Problem">Why the table could not be asked, in a sentence: the versions are then as they were recorded;
/// null when it was.</param>
public sealed record ConflictRows(
    int Node,
    IReadOnlyList<RowColumn> Columns,
    IReadOnlyList<IReadOnlyDictionary<string, string?>> Local,
    IReadOnlyDictionary<string, string?>? Remote,
    IReadOnlyDictionary<string, string?>? Merged,
    RowFound? Now,
    string? Problem
);

/// <summary>What the server makes of columns that somebody wants to write; nothing was written.</summary>
/// <param name="Node">The node.</param>
/// <param name="Relation">The table.</param>
/// <param name="Row">The values as the server would store them, as PostgreSQL's text; those that are wrong are left out.</param>
/// <param name="Errors">What is wrong with which column; empty when all can be written.</param>
public sealed record RowCheck(int Node, string Relation, IReadOnlyDictionary<string, string?> Row, IReadOnlyList<ColumnError> Errors);

/// <summary>Why a value cannot be written.</summary>
/// <param name="Column">The column; empty for what concerns the row.</param>
/// <param name="Problem">In a sentence.</param>
public sealed record ColumnError(string Column, string Problem);
