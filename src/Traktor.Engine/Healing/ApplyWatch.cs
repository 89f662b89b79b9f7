using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing;

/// <summary>A subscription as <see cref="ApplyWatch"/> reads it.</summary>
/// <param name="Oid">Its oid.</param>
/// <param name="InboundNode">The peer.</param>
/// <param name="IsEnabled">Whether the server keeps a worker for it.</param>
/// <param name="IsRunning">Whether the apply worker runs.</param>
/// <param name="Errors">The server's <c>apply_error_count</c>. It starts again at 0 after a crash.</param>
/// <param name="IsPaused">Whether an operator paused it through the arbiter.</param>
/// <param name="HealingState">healing, awaiting or stuck while the arbiter keeps it disabled; otherwise null.</param>
internal sealed record WatchedSubscription(
    uint Oid,
    int InboundNode,
    bool IsEnabled,
    bool IsRunning,
    long Errors,
    bool IsPaused,
    string? HealingState
);

/// <summary>
/// Reads the state of all subscriptions ten times a second, with one small query on a session of its own.
/// </summary>
internal sealed class ApplyWatch(LocalNode local) : IAsyncDisposable
{
    private NpgsqlConnection? connection;

    /// <summary>
    /// Whether the session is new. Counters read on an earlier session cannot be compared, because the server may have
    /// crashed in between.
    /// </summary>
    public bool IsNew { get; private set; }

    /// <summary>Reads once. Npgsql's exceptions propagate; the next call opens a new session.</summary>
    public async Task<IReadOnlyList<WatchedSubscription>> LookAsync(CancellationToken cancel)
    {
        IsNew = connection is null;
        // Not where the database is a copy: it has the record of the node's heals, and could reach the node's slots.
        connection ??= await local.OpenAsync(cancel);
        try
        {
            var rows = await connection.QueryAsync<Row>(
                new CommandDefinition(SqlFile.Read("Healing/read_watch.sql"), new { node = local.NodeId }, cancellationToken: cancel)
            );
            return
            [
                .. rows.Select(row => new WatchedSubscription(
                    (uint)row.Oid,
                    row.InboundNode,
                    row.IsEnabled,
                    row.IsRunning,
                    row.Errors,
                    row.IsPaused,
                    row.HealingState
                )),
            ];
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Resolves errors of transactions that the server's own worker has applied since, because no heal will. Call it
    /// after <see cref="LookAsync"/>. Npgsql's exceptions propagate.
    /// </summary>
    public Task ResolveAppliedAsync(CancellationToken cancel) =>
        connection!.ExecuteAsync(new CommandDefinition(SqlFile.Read("Healing/resolve_applied.sql"), cancellationToken: cancel));

    /// <summary>A value that changes when a waiting subscription may be able to continue.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <param name="table">The table that must be fixed; null when there is none.</param>
    /// <param name="cancel">Cancels the call.</param>
    public Task<string?> ProspectsAsync(string subscription, TableName? table, CancellationToken cancel) =>
        connection!.ExecuteScalarAsync<string>(
            new CommandDefinition(
                SqlFile.Read("Healing/read_prospects.sql"),
                new
                {
                    subscription,
                    schema = table?.Schema ?? "",
                    table = table?.Name ?? "",
                },
                cancellationToken: cancel
            )
        );

    /// <summary>
    /// A value that changes with any DDL in this database: what is wrong may be in a type, a function, a partition or a
    /// setting that no list of ours has.
    /// </summary>
    public Task<string?> CatalogStateAsync(CancellationToken cancel) =>
        connection!.ExecuteScalarAsync<string>(
            new CommandDefinition(SqlFile.Read("Healing/read_catalog_state.sql"), cancellationToken: cancel)
        );

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        connection = null;
    }

    private sealed record Row(long Oid, int InboundNode, bool IsEnabled, bool IsRunning, long Errors, bool IsPaused, string? HealingState);
}
