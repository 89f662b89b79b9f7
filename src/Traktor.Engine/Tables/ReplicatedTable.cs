using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tables;

/// <summary>
/// Which tables the arbiter reads or writes for a caller: those that are replicated. Its role may read others, such as
/// the accounts and the keys of the mesh, which a caller may not.
/// </summary>
internal static class ReplicatedTable
{
    /// <summary>Refuses a table that is not replicated, whether it exists or not. Npgsql's exceptions
    /// propagate.</summary>
    /// <exception cref="RefusedException">NotFound: the table is not replicated on this node.</exception>
    public static async Task RequireAsync(NpgsqlConnection connection, TableName table, int node, CancellationToken cancel)
    {
        var isReplicated = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                SqlFile.Read("Tables/is_replicated.sql"),
                new { schema = table.Schema, name = table.Name },
                cancellationToken: cancel
            )
        );
        if (!isReplicated)
            throw RefusedException.NotFound(
                $"{table} does not exist or is not replicated on node {node}; only rows of replicated tables are read and written."
            );
    }
}
