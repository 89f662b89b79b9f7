using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons;

/// <summary>A comparison of tables on several nodes.</summary>
/// <param name="Id">Its number: that of its task.</param>
/// <param name="Task">The task.</param>
/// <param name="Nodes">The nodes whose rows are compared.</param>
/// <param name="Share">How much of the servers' time it may take, in per cent.</param>
/// <param name="Tables">What was found of each table.</param>
public sealed record Comparison(long Id, TaskEntry Task, IReadOnlyList<int> Nodes, int Share, IReadOnlyList<ComparedTable> Tables);

/// <summary>A table of a comparison.</summary>
/// <param name="Relation">The table.</param>
/// <param name="BeganAt">When its first rows were read; null before.</param>
/// <param name="FinishedAt">When it was done; null before.</param>
/// <param name="Rows">How many rows were compared.</param>
/// <param name="Different">How many keys differ.</param>
/// <param name="InFlight">How many keys differed whenever they were read, and were always being changed.</param>
/// <param name="Unchecked">How many keys were not equal at first and are still to be read again.</param>
/// <param name="IsProven">Whether the table is equal on all of the nodes.</param>
/// <param name="ColumnsLeftOut">Columns that only some nodes have, and that were not compared.</param>
/// <param name="Problem">Why it could not be compared, a sentence; else null.</param>
public sealed record ComparedTable(
    string Relation,
    DateTimeOffset? BeganAt,
    DateTimeOffset? FinishedAt,
    long Rows,
    long Different,
    long InFlight,
    long Unchecked,
    bool IsProven,
    IReadOnlyList<string> ColumnsLeftOut,
    string? Problem
);

/// <summary>A page of comparisons.</summary>
/// <param name="Node">This node.</param>
/// <param name="Comparisons">The comparisons, newest first.</param>
/// <param name="Next">What to pass as before for the next page; null on the last.</param>
public sealed record ComparisonPage(int Node, IReadOnlyList<Comparison> Comparisons, long? Next);

/// <summary>A key whose rows differ.</summary>
/// <param name="Id">Its number in the comparison.</param>
/// <param name="Relation">The table.</param>
/// <param name="Key">Its columns, with values as PostgreSQL's text.</param>
/// <param name="Verdict">Whether it is different, or was always in flight.</param>
/// <param name="IsChanged">Whether a node's row has changed since it was compared.</param>
/// <param name="Rows">The present row of each node.</param>
public sealed record Difference(
    long Id,
    string Relation,
    IReadOnlyDictionary<string, string?> Key,
    KeyVerdict Verdict,
    bool IsChanged,
    IReadOnlyList<DifferentRow> Rows
);

/// <summary>The row of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Row">Its values as PostgreSQL's text, the first 2,000 characters of each; null when there is no
/// row.</param>
/// <param name="Stamp">When the version was committed; null when there is no row, or the server does not know any
/// more.</param>
/// <param name="Origin">On which node it was written; null in the same cases.</param>
/// <param name="IsNewest">Whether its stamp is the greatest.</param>
public sealed record DifferentRow(int Node, IReadOnlyDictionary<string, string?>? Row, DateTimeOffset? Stamp, int? Origin, bool IsNewest);

/// <summary>A page of differences.</summary>
/// <param name="Node">This node.</param>
/// <param name="Comparison">The number of the comparison.</param>
/// <param name="Differences">The differences, in the order in which they were found.</param>
/// <param name="Next">What to pass as after for the next page; null on the last.</param>
public sealed record DifferencePage(int Node, long Comparison, IReadOnlyList<Difference> Differences, long? Next);
