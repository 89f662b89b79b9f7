using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Audit;

/// <summary>Checks the chains of the audit log that this database has: the node's own, and the copies of the
/// others'.</summary>
public sealed class AuditVerification(LocalNode local)
{
    private const int Timeout = 600;

    /// <summary>Reads every entry and computes its hash anew.</summary>
    /// <param name="ends">What other nodes have of the chains, as they said before this call.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Unavailable; Conflict when the node is not initialised, or the table is
    /// missing.</exception>
    public async Task<AuditReport> VerifyAsync(IReadOnlyList<ChainEnd> ends, CancellationToken cancel)
    {
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await using var opened = connection;
        try
        {
            var chains = new List<AuditChainReport>();
            ChainCheck? check = null;
            await foreach (var entry in ReadAsync(connection).WithCancellation(cancel))
            {
                if (check is null || (check.Node, check.Incarnation) != (entry.Node, entry.Incarnation))
                {
                    if (check is not null)
                        chains.Add(check.Report());
                    check = Of(entry.Node, entry.Incarnation);
                }

                check.Add(entry);
            }

            if (check is not null)
                chains.Add(check.Report());
            // A log that was emptied has no entry that would tell.
            if (chains.All(chain => !chain.IsOwn) && ends.Any(end => end.Incarnation == identity.Incarnation))
                chains.Add(Of(identity.NodeId, identity.Incarnation).Report());
            return new AuditReport(identity.NodeId, chains.All(chain => chain.Problems.Count == 0), chains);

            ChainCheck Of(int node, Guid incarnation) =>
                new(node, incarnation, isOwn: incarnation == identity.Incarnation, [.. ends.Where(end => end.Incarnation == incarnation)]);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    // One row at a time: the log may be larger than the memory.
    private static async IAsyncEnumerable<AuditEntry> ReadAsync(NpgsqlConnection connection)
    {
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition(SqlFile.Read("Audit/read_chains.sql"), commandTimeout: Timeout)
        );
        var parse = reader.GetRowParser<AuditRow>();
        while (await reader.ReadAsync())
            yield return parse(reader).ToEntry();
    }
}
