using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Peers;

/// <summary>
/// Reads a node's conflicts and their rows through its arbiter, this one or another. Every call can throw
/// <see cref="RefusedException"/> with a message for the user.
/// </summary>
public interface ICaseReader : ICaseFile
{
    /// <summary>Both rows in one format, and the present row.</summary>
    Task<ConflictRows> RowsAsync(long id, CancellationToken cancel);

    /// <summary>The latest conflicts about one row, newest first.</summary>
    Task<IReadOnlyList<HistoryEntry>> AboutAsync(string relation, JsonElement key, CancellationToken cancel);

    /// <summary>The present row.</summary>
    Task<RowFound> RowAsync(string relation, JsonElement key, CancellationToken cancel);

    /// <summary>Checks columns before they are written.</summary>
    Task<RowCheck> CheckAsync(string relation, JsonElement row, CancellationToken cancel);
}
