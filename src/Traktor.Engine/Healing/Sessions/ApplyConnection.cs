using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Nodes;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>Opens the connection of a heal: outside the pool, with the apply worker's settings.</summary>
internal static class ApplyConnection
{
    // The apply worker's settings, and two more: asynchronous commit, because the progress is as durable as the rows,
    // and generic plans that find rows by index.
    private const string Settings = """
        set session_replication_role = replica; set synchronous_commit = off; set row_security = off;
        set datestyle = iso; set intervalstyle = postgres; set extra_float_digits = 1; set bytea_output = hex;
        set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
        set plan_cache_mode = force_generic_plan; set jit = off;
        set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off
        """;

    /// <summary>
    /// With these formats the triggers need not set them for <c>trktr.image</c>. The time zone stays the server's,
    /// because defaults of local columns may depend on it.
    /// </summary>
    private const string PlainFormats =
        $"set_config('{SessionSettings.ImageFormats}', case when current_setting('TimeZone') in ('UTC', 'Etc/UTC') then 'on' "
        + $"else '' end, false)";

    /// <summary>Opens the connection for one peer's transactions. Npgsql's exceptions propagate.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(
        Database database,
        int node,
        int inbound,
        bool isPrepared,
        CancellationToken cancel
    )
    {
        var settings = database.Conninfo.ToNpgsql();
        settings.ApplicationName = ObjectNames.Subscription(node, inbound) + "_heal";
        settings.Pooling = false;
        settings.CommandTimeout = 0;
        settings.MaxAutoPrepare = isPrepared ? 400 : 0;
        settings.AutoPrepareMinUsages = 1;
        settings.IncludeErrorDetail = true;
        settings.SearchPath = SearchPath.Pinned;
        SessionDefaults.Pin(settings);
        settings.IncludeFailedBatchedCommand = true;
        settings.WriteBufferSize = 65536;
        settings.ReadBufferSize = 65536;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            await connection.ExecuteAsync(
                new CommandDefinition($"{SessionDefaults.FirstStatement(connection)};{Settings}", cancellationToken: cancel)
            );
            await connection.ExecuteAsync(
                new CommandDefinition(
                    $"select set_config('{SessionSettings.Peer}', @peer, false), set_config('{SessionSettings.HealerRecords}', "
                        + $"'{Recording.Later}', false), {PlainFormats}",
                    new { peer = inbound.ToString(CultureInfo.InvariantCulture) },
                    cancellationToken: cancel
                )
            );
            if (ServerFaultPoint.Prepare is { } prepare)
            {
                await connection.ExecuteAsync(new CommandDefinition(prepare, cancellationToken: cancel));
                _ = KillWhereItSleepsAsync(database, connection.ProcessID);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills this process once the session has reached the armed <see cref="ServerFaultPoint"/>.</summary>
    private static async Task KillWhereItSleepsAsync(Database database, int session)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        while (
            !await connection.ExecuteScalarAsync<bool>(
                "select exists (select from pg_catalog.pg_stat_activity where pid = @session and wait_event = 'PgSleep')",
                new { session }
            )
        )
            await Task.Delay(10);
        FaultPoint.Kill();
    }
}
