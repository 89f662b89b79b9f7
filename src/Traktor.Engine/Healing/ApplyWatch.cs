using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing;

/// <summary>A subscription as the watch sees it.</summary>
/// <param name="Oid">Its oid.</param>
/// <param name="InboundNode">The peer.</param>
/// <param name="IsEnabled">Whether the server keeps a worker for it.</param>
/// <param name="IsRunning">Whether the worker runs.</param>
/// <param name="Errors">The server's count of failures; it starts again at 0 after a crash.</param>
/// <param name="IsPaused">Whether an operator paused it through us.</param>
/// <param name="HealingState">healing, awaiting, stuck, when it is we who disabled it; null otherwise.</param>
internal sealed record WatchedSubscription(
    uint Oid,
    int InboundNode,
    bool IsEnabled,
    bool IsRunning,
    long Errors,
    bool IsPaused,
    string? HealingState
);

/// <summary>Looks at the subscriptions ten times a second, with one small query on a session that it keeps.</summary>
internal sealed class ApplyWatch(LocalNode local) : IAsyncDisposable
{
    private NpgsqlConnection? connection;

    /// <summary>Whether the session is a new one: what was counted before may mean nothing, since the server may have crashed.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Looks once. Throws what Npgsql throws; the next look then opens a new session.</summary>
    public async Task<IReadOnlyList<WatchedSubscription>> LookAsync(CancellationToken cancel)
    {
        IsNew = connection is null;
        connection ??= await local.OpenServerAsync(cancel);
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

    /// <summary>What changes when a subscription that waits may be able to go on.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <param name="table">The table that has to be mended; null when none has.</param>
    /// <param name="cancel">Gives up.</param>
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

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        connection = null;
    }

    private sealed record Row(long Oid, int InboundNode, bool IsEnabled, bool IsRunning, long Errors, bool IsPaused, string? HealingState);
}
