using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Restoring;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>
/// Puts what cannot be processed into <c>trktr.set_aside</c>, so that it stops nothing else: a key that does not fit
/// the table, because the nodes' tables differ or because a role that may change keys logged it by hand.
/// </summary>
internal sealed class SetAside(ConvergenceSession session, int self, RowRestorer restorer)
{
    /// <summary>Whether an error comes from the data of an entry: the next round would fail in the same way.</summary>
    public static bool IsOfAnEntry(Exception error) =>
        error is JsonException or FormatException or OverflowException or InvalidCastException
        || error is PostgresException e && e.SqlState.StartsWith("22", StringComparison.Ordinal);

    /// <summary>Sets aside what waits for a key. Npgsql's exceptions propagate.</summary>
    public async Task AddAsync(KeyName key, Exception error, CancellationToken cancel)
    {
        var problem = error is PostgresException ? PostgresErrors.InWords(error) : "the entry is malformed";
        var winners = await session.Announcing.QueryAsync<(int Node, long Seq)>(
            new CommandDefinition(
                SqlFile.Read("Convergence/set_aside.sql"),
                new
                {
                    schema = key.Table.Schema,
                    table = key.Table.Name,
                    key = key.Key,
                    node = self,
                    problem,
                },
                cancellationToken: cancel
            )
        );
        await restorer.ClearAsync(
            [.. winners.Select(winner => new KnownKeys.Winner(0, winner.Node, winner.Seq, default, 0, null, false))],
            cancel
        );
    }
}
