namespace Traktor.Engine.Conflicts.Rows;

/// <summary>How a column's values are written and edited; a domain is what its base type is.</summary>
public enum ColumnKind
{
    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Whole numbers.</summary>
    WholeNumber,

    /// <summary>Other numbers.</summary>
    Number,

    /// <summary>A day.</summary>
    Date,

    /// <summary>A moment without a time zone.</summary>
    Timestamp,

    /// <summary>A moment with a time zone.</summary>
    TimestampTz,

    /// <summary>One of the type's labels.</summary>
    Enum,

    /// <summary>json and jsonb.</summary>
    Json,

    /// <summary>Texts of any length.</summary>
    Text,

    /// <summary>Arrays, ranges, composites and all others: as PostgreSQL's own literal.</summary>
    Other,
}
