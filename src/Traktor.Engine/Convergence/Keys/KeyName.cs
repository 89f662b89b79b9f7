using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>A key of a table.</summary>
/// <param name="Table">The table; for a partition the root.</param>
/// <param name="Key">Its key columns as text, a JSON object as <c>trktr.key_of</c> writes it, the same on every
/// node.</param>
internal sealed record KeyName(TableName Table, string Key)
{
    /// <summary>Stands for all keys of a table.</summary>
    public static KeyName OfAll(TableName table) => new(table, "");

    /// <summary>Whether it stands for all keys of its table.</summary>
    public bool IsOfAll => Key.Length == 0;
}
