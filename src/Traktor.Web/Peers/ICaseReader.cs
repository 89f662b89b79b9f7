using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Peers;

/// <summary>
/// What a node's arbiter, this one or another, tells of conflicts and of the rows that they are about. Every call
/// throws <see cref="RefusedException"/> with words for the user.
/// </summary>
public interface ICaseReader : ICaseFile
{
    /// <summary>Its rows in one form, and the row as it is now.</summary>
    Task<ConflictRows> RowsAsync(long id, CancellationToken cancel);

    /// <summary>The latest conflicts about one row, newest first.</summary>
    Task<IReadOnlyList<HistoryEntry>> AboutAsync(string relation, JsonElement key, CancellationToken cancel);

    /// <summary>A row as it is now.</summary>
    Task<RowFound> RowAsync(string relation, JsonElement key, CancellationToken cancel);

    /// <summary>What the server makes of columns that are to be written.</summary>
    Task<RowCheck> CheckAsync(string relation, JsonElement row, CancellationToken cancel);
}
