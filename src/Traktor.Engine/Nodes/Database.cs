using System.Security.Cryptography;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Nodes;

/// <summary>
/// One PostgreSQL database, this node's or a peer's: a pool of connections, with limits so that a hanging server does
/// not block the arbiter.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(10);

    private readonly NpgsqlDataSource source;
    private readonly string alone;

    /// <param name="conninfo">Its connection string.</param>
    /// <param name="applicationName">The sessions' <c>application_name</c>.</param>
    public Database(Conninfo conninfo, string applicationName)
        : this(conninfo, applicationName, longestTimeout: null) { }

    private Database(Conninfo conninfo, string applicationName, int? longestTimeout)
    {
        Conninfo = conninfo;
        var builder = conninfo.ToNpgsql();
        builder.ApplicationName = applicationName;
        builder.Timeout = conninfo.Get("connect_timeout") is null ? 5 : builder.Timeout;
        if (longestTimeout is { } longest)
            builder.Timeout = builder.Timeout == 0 ? longest : Math.Min(builder.Timeout, longest);
        builder.CommandTimeout = 10;
        builder.CancellationTimeout = 1000;
        builder.KeepAlive = 10;
        builder.MaxPoolSize = 20;
        builder.IncludeErrorDetail = false;
        builder.PersistSecurityInfo = false;
        // The loops run the same statements without end, and parsing and planning them costs several times what running
        // them does. The pool takes its sessions in turns: the fewer there are, the sooner each has them prepared.
        builder.MaxAutoPrepare = 100;
        builder.AutoPrepareMinUsages = 3;
        builder.ConnectionIdleLifetime = 15;
        builder.ConnectionPruningInterval = 5;
        // Not the schemas in which others may create what fits our statements better than PostgreSQL's own.
        builder.SearchPath = SearchPath.Pinned;
        SessionDefaults.Pin(builder);
        source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
        builder.Pooling = false;
        builder.MaxAutoPrepare = 0;
        alone = builder.ConnectionString;
    }

    public Conninfo Conninfo { get; }

    /// <summary>
    /// A database for a caller who waits, with a connection string that nobody tried before: see
    /// <see cref="TryOpenAsync"/>.
    /// </summary>
    public static Database ToTry(Conninfo conninfo, string applicationName) =>
        new(conninfo, applicationName, Math.Max(1, (int)LongestTrial.TotalSeconds / conninfo.Hosts.Count));

    /// <summary>
    /// A session for a caller who waits. With <c>connect_timeout=0</c>, or with many hosts, connecting may take without
    /// end; here it takes <see cref="LongestTrial"/> at most.
    /// </summary>
    /// <exception cref="RefusedException">Malformed: a file that the connection string names cannot be
    /// used.</exception>
    public async Task<NpgsqlConnection> TryOpenAsync(CancellationToken cancel)
    {
        // Npgsql does not stop in the middle of a handshake when it is cancelled.
        var opening = OpenAsync(cancel).AsTask();
        try
        {
            return await opening.WaitAsync(LongestTrial, cancel);
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
        {
            throw new RefusedException(
                RefusalKind.Malformed,
                "A certificate, key or password file that the connection string names cannot be used.",
                "Correct sslcert, sslkey, sslpassword, sslrootcert or passfile: the arbiter reads these files on its own machine.",
                e
            );
        }
        finally
        {
            if (!opening.IsCompleted)
                _ = DisposeLateAsync(opening);
        }
    }

    /// <summary>
    /// A session that works: pooled ones from before a server restart are thrown away together, and a new one is
    /// opened. Npgsql's exceptions propagate; <see cref="PostgresErrors"/> puts them into words.
    /// </summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancel)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var connection = await source.OpenConnectionAsync(cancel);
            try
            {
                await using var first = new NpgsqlCommand(SessionDefaults.FirstStatement(connection), connection);
                await first.ExecuteNonQueryAsync(cancel);
                return connection;
            }
            catch (Exception e)
            {
                await connection.DisposeAsync();
                if (!isFirst || !PostgresErrors.IsFromServer(e))
                    throw;
                source.Clear();
            }
        }
    }

    /// <summary>
    /// A session that is nobody's before and after: code of a table's owner may run in it. It calls no statement by
    /// name, because that code could put another under the name. Npgsql's exceptions propagate.
    /// </summary>
    /// <param name="cancel">Cancels the call.</param>
    /// <param name="purpose">What is added to its <c>application_name</c>, after an underscore; null for
    /// nothing.</param>
    /// <param name="commandTimeout">Its time limit for a statement in s; null for the usual one.</param>
    public async ValueTask<NpgsqlConnection> OpenAloneAsync(CancellationToken cancel, string? purpose = null, int? commandTimeout = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(alone);
        settings.ApplicationName = purpose is null ? settings.ApplicationName : $"{settings.ApplicationName}_{purpose}";
        settings.CommandTimeout = commandTimeout ?? settings.CommandTimeout;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            await using var first = new NpgsqlCommand(SessionDefaults.FirstStatement(connection), connection);
            await first.ExecuteNonQueryAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private static async Task DisposeLateAsync(Task<NpgsqlConnection> opening)
    {
        try
        {
            await using var _ = await opening;
        }
        catch (Exception)
        {
            // Nobody waits for it any more.
        }
    }
}
