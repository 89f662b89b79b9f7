namespace Traktor.Engine.Conflicts.Rows;

/// <summary>A column of a replicated table, for showing or editing a row.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type with its modifier, as in <c>varchar(20)</c>.</param>
/// <param name="Kind">How its values are edited.</param>
/// <param name="Labels">The labels of an enum type in their order; empty for other types.</param>
/// <param name="IsKey">Whether it is part of the key.</param>
/// <param name="IsRequired">Whether it cannot be NULL.</param>
/// <param name="IsGenerated">Whether it is a generated column, which cannot be written.</param>
/// <param name="IsAlwaysIdentity">Whether it is GENERATED ALWAYS AS IDENTITY and so cannot be updated.</param>
public sealed record RowColumn(
    string Name,
    string Type,
    ColumnKind Kind,
    IReadOnlyList<string> Labels,
    bool IsKey,
    bool IsRequired,
    bool IsGenerated,
    bool IsAlwaysIdentity
);
