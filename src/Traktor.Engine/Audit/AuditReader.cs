using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Audit;

/// <summary>Reads the audit log.</summary>
public sealed class AuditReader(LocalNode local)
{
    /// <summary>A page, newest first.</summary>
    /// <exception cref="RefusedException">Malformed filter; Conflict when the node is not initialised, or the table is
    /// missing; Unavailable.</exception>
    public async Task<AuditPage> ReadAsync(AuditFilter filter, CancellationToken cancel)
    {
        var parameters = filter.ToParameters();
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            var rows = await connection.QueryAsync<AuditRow>(
                new CommandDefinition(SqlFile.Read("Audit/read_entries.sql"), parameters, cancellationToken: cancel)
            );
            AuditEntry[] entries = [.. rows.Select(row => row.ToEntry())];
            var next = entries.Length == filter.Limit ? entries[^1] : null;
            return new AuditPage(local.NodeId, entries, next is null ? null : new AuditCursor(next.At, next.Node, next.Number));
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
