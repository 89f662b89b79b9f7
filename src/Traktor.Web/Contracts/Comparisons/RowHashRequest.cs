using Traktor.Engine.Comparisons.Hashing;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Comparisons;

/// <summary>Ranges whose rows are hashed.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Ranges">The ranges.</param>
internal sealed record RowHashRequest(IReadOnlyList<HashedColumn> Columns, IReadOnlyList<KeyRange> Ranges) : IRequest
{
    public static string Wanted => "Send {\"columns\": [{\"name\": \"id\", \"form\": \"native\"}], \"ranges\": [{}]}.";
}

/// <summary>A range whose bounds are read.</summary>
/// <param name="Range">The range.</param>
/// <param name="Every">How many rows lie between two bounds.</param>
/// <param name="Most">The most bounds.</param>
internal sealed record RowBoundRequest(KeyRange Range, int Every, int Most) : IRequest
{
    public static string Wanted => "Send {\"range\": {}, \"every\": 1000, \"most\": 1}.";
}

/// <summary>Rows that are listed: those of a range, or those of some keys.</summary>
/// <param name="Columns">The columns that are hashed.</param>
/// <param name="Range">The range; null where keys are given.</param>
/// <param name="Keys">The keys, each an array of texts in the order of the key's columns; null where a range is
/// given.</param>
/// <param name="HasRows">Whether the values of the keys' rows are wanted.</param>
internal sealed record RowVersionRequest(
    IReadOnlyList<HashedColumn> Columns,
    KeyRange? Range = null,
    IReadOnlyList<IReadOnlyList<string>>? Keys = null,
    bool HasRows = false
) : IRequest
{
    public static string Wanted => "Send {\"columns\": [{\"name\": \"id\", \"form\": \"native\"}], \"keys\": [[\"1\"]]}.";
}
