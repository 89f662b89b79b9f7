namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>A table as one node has it, as far as comparing its rows needs it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Relation">The table.</param>
/// <param name="Rows">How many rows it has, estimated.</param>
/// <param name="Bytes">Its size on disk with its TOAST tables, in bytes.</param>
/// <param name="HashCheck">The hash of a fixed row: two servers with the same one hash alike.</param>
/// <param name="Columns">Its columns; generated ones are left out, because they are not sent.</param>
/// <param name="Key">Its key in the order of its index.</param>
public sealed record TableShape(
    int Node,
    string Relation,
    long Rows,
    long Bytes,
    string HashCheck,
    IReadOnlyList<ShapeColumn> Columns,
    IReadOnlyList<ShapeKey> Key
)
{
    /// <summary>The records that a peer may lack rows of it, as far as a comparison that begins now may close
    /// them.</summary>
    public IReadOnlyList<ShapeResync> Resync { get; init; } = [];
}

/// <summary>That a peer may lack rows of a table.</summary>
/// <param name="Id">The record.</param>
/// <param name="Node">The peer.</param>
public sealed record ShapeResync(Guid Id, int Node);

/// <summary>A column.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type without a length; of a domain its base type.</param>
/// <param name="Form">How its values are hashed where all nodes have this type.</param>
public sealed record ShapeColumn(string Name, string Type, ColumnForm Form);

/// <summary>A column of the key.</summary>
/// <param name="Name">Name.</param>
/// <param name="Order">What its values are ordered by: equal words mean the same order on two nodes. Null where the
/// order is not the same everywhere.</param>
public sealed record ShapeKey(string Name, string? Order);

/// <summary>A column to hash.</summary>
/// <param name="Name">Name.</param>
/// <param name="Form">How.</param>
public sealed record HashedColumn(string Name, ColumnForm Form);
