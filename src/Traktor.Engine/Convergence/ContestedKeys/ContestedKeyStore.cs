using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>What is written of contested keys, in the session whose commits are sent to the peers. Throws what Npgsql throws.</summary>
internal sealed class ContestedKeyStore(NpgsqlConnection announcing, int self)
{
    /// <summary>Keeps the next heartbeat from being sent before the transaction is over.</summary>
    public Task HoldHeartbeatAsync(CancellationToken cancel) =>
        ExecuteAsync("Convergence/ContestedKeys/lock_heartbeat.sql", new { node = self }, cancel);

    /// <summary>Sends what was unsent and waited for its row, once the row is as it says.</summary>
    public Task TellAsync(CancellationToken cancel) =>
        ExecuteAsync("Convergence/ContestedKeys/announce_keys.sql", new { node = self }, cancel);

    /// <summary>Remembers what was decided, sends of it what is unsent and need not wait for its row, and records what lost.</summary>
    public async Task RememberAsync(IReadOnlyList<UnappliedRow> decided, LossRecord losses, CancellationToken cancel)
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
                    is_incomplete = key.Entry.Version.IsIncomplete,
                    heartbeat_seq = key.Entry.Touched,
                    is_sent = key.Entry.IsSent,
                    is_unapplied = key.Entry.IsUnapplied,
                    replaces_at = key.Entry.Replaces?.Committed,
                    replaces_node = key.Entry.Replaces?.Node,
                    is_unsent = key.Entry.IsUnsent,
                    decided = key.Entry.Decided,
                })
            );
            await ExecuteAsync("Convergence/ContestedKeys/write_contested_keys.sql", new { entries, node = self }, cancel);
        }

        if (losses.Count > 0)
            await ExecuteAsync("Convergence/ContestedKeys/record_losses.sql", new { losses = losses.Json, written = false }, cancel);
    }

    private Task<int> ExecuteAsync(string statement, object parameters, CancellationToken cancel) =>
        announcing.ExecuteAsync(new CommandDefinition(SqlFile.Read(statement), parameters, cancellationToken: cancel));
}
