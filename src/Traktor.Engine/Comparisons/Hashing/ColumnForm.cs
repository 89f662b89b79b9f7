namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>
/// In which form a column's values are hashed, so that equal values have equal hashes on servers of every major
/// version, and values that only compare as equal (1.0 and 1.00, -0 and 0) have not.
/// </summary>
public enum ColumnForm
{
    /// <summary>By the hash function of the type, which hashes the bytes of the value.</summary>
    Native,

    /// <summary>The bytes that the type's send function returns.</summary>
    Send,

    /// <summary>PostgreSQL's text, for types whose binary form has oids, and where the types of the nodes
    /// differ.</summary>
    Text,
}
