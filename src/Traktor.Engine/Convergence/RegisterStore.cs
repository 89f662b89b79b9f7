using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>What is written of contested keys, in the session whose commits are sent to the peers. Throws what Npgsql throws.</summary>
internal sealed class RegisterStore(NpgsqlConnection teller, int self)
{
    /// <summary>Keeps the next heartbeat from being sent before the transaction is over.</summary>
    public Task HoldHeartbeatAsync(CancellationToken cancel) => ExecuteAsync("Convergence/hold_heartbeat.sql", new { node = self }, cancel);

    /// <summary>Sends what was owed and waited for its row, once the row is as it says.</summary>
    public Task TellAsync(CancellationToken cancel) => ExecuteAsync("Convergence/tell_keys.sql", new { node = self }, cancel);

    /// <summary>Remembers what was decided, sends of it what is owed and need not wait for its row, and records what lost.</summary>
    public async Task RememberAsync(IReadOnlyList<DueRow> decided, LossRecord losses, CancellationToken cancel)
    {
        if (decided.Count > 0)
        {
            var entries = JsonSerializer.Serialize(
                decided.Select(key => new
                {
                    schema_name = key.Name.Table.Schema,
                    table_name = key.Name.Table.Name,
                    key = key.Name.Key,
                    stamp_at = key.Entry.Version.Stamp.Committed,
                    stamp_node = key.Entry.Version.Stamp.Node,
                    image = key.Entry.Version.Image,
                    is_partial = key.Entry.Version.IsPartial,
                    touched = key.Entry.Touched,
                    is_sent = key.Entry.IsSent,
                    is_due = key.Entry.IsDue,
                    due_at = key.Entry.DueOver?.Committed,
                    due_node = key.Entry.DueOver?.Node,
                    is_owed = key.Entry.IsOwed,
                    decided = key.Entry.Decided,
                })
            );
            await ExecuteAsync("Convergence/remember_keys.sql", new { entries, node = self }, cancel);
        }

        if (losses.Count > 0)
            await ExecuteAsync("Convergence/record_losses.sql", new { losses = losses.Json, written = false }, cancel);
    }

    private Task<int> ExecuteAsync(string statement, object parameters, CancellationToken cancel) =>
        teller.ExecuteAsync(new CommandDefinition(SqlFile.Read(statement), parameters, cancellationToken: cancel));
}
