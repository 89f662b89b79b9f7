using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Detection;

/// <summary>
/// Notes which transactions may have rewritten replicated tables, and so have given their rows another stamp than they
/// were written with (<c>trktr.stamped_at</c>). Not thread-safe.
/// </summary>
public sealed class RewriteNotes
{
    private string? looked;

    /// <summary>Looks once. Npgsql's exceptions propagate.</summary>
    public async Task LookAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var before = looked;
        looked = null;
        looked = await connection.ExecuteScalarAsync<string>(
            new CommandDefinition(SqlFile.Read("Detection/note_rewrites.sql"), new { looked = before }, cancellationToken: cancel)
        );
    }
}
