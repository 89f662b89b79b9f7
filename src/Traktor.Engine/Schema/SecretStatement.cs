using Dapper;
using Npgsql;

namespace Traktor.Engine.Schema;

/// <summary>
/// Statements on this node with a connection string, and so a password, which the server's log, <c>pg_stat_activity</c>
/// and <c>pg_stat_statements</c> must not show. docs/privileges.md says what an administrator must do for the rest.
/// Npgsql's exceptions propagate; their messages have no secret.
/// </summary>
internal static class SecretStatement
{
    /// <summary>Runs a statement with secret parameters, in a transaction of its own.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, CommandDefinition command)
    {
        await using var transaction = await connection.BeginTransactionAsync(command.CancellationToken);
        await connection.ExecuteAsync(
            new CommandDefinition("select trktr.hide_parameters()", cancellationToken: command.CancellationToken)
        );
        await connection.ExecuteAsync(command);
        await transaction.CommitAsync(command.CancellationToken);
    }

    /// <summary>
    /// Runs a statement that takes no parameters, in a transaction of its own. It must be one that may run in a
    /// transaction block.
    /// </summary>
    /// <param name="connection">This node.</param>
    /// <param name="statement">The statement, with <c>%L</c> in the place of the secret.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static Task ExecuteAsync(
        NpgsqlConnection connection,
        string statement,
        string secret,
        TimeSpan timeout,
        CancellationToken cancel
    ) =>
        ExecuteAsync(
            connection,
            new CommandDefinition(
                "select trktr.run_secretly(@statement, @secret)",
                new { statement, secret },
                commandTimeout: (int)timeout.TotalSeconds,
                cancellationToken: cancel
            )
        );
}
