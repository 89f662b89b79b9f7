namespace Traktor.Engine.Conflicts.Rows;

/// <summary>How a column's values are written and edited. A domain has its base type's kind.</summary>
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

    /// <summary>A date and time without a time zone.</summary>
    Timestamp,

    /// <summary>A date and time with a time zone.</summary>
    TimestampTz,

    /// <summary>One of the type's labels.</summary>
    Enum,

    /// <summary>json and jsonb.</summary>
    Json,

    /// <summary>Text of any length.</summary>
    Text,

    /// <summary>Arrays, ranges, composites and all other types, as PostgreSQL's own literals.</summary>
    Other,
}
