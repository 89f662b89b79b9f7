using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>
/// Writes contested keys, in the session whose commits are replicated to the peers. Npgsql's exceptions propagate.
/// </summary>
internal sealed class ContestedKeyStore(NpgsqlConnection announcing, int self)
{
    /// <summary>Keeps the next heartbeat from being sent before the transaction ends.</summary>
    public Task HoldHeartbeatAsync(CancellationToken cancel) =>
        ExecuteAsync("Convergence/ContestedKeys/lock_heartbeat.sql", new { node = self }, cancel);

    /// <summary>Announces winners that waited for their row, once the row is written.</summary>
    public Task AnnounceAsync(CancellationToken cancel) =>
        ExecuteAsync("Convergence/ContestedKeys/announce_keys.sql", new { node = self }, cancel);

    /// <summary>Stores decisions, announces the winners that need not wait for their row, and records losses.</summary>
    public async Task StoreAsync(IReadOnlyList<UnappliedRow> decided, LossRecord losses, CancellationToken cancel)
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
                    is_to_be_sent = key.Entry.IsToBeSent,
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
