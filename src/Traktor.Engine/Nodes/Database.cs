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
    private readonly NpgsqlDataSource source;

    /// <param name="conninfo">Its connection string.</param>
    /// <param name="applicationName">The sessions' <c>application_name</c>.</param>
    public Database(Conninfo conninfo, string applicationName)
    {
        Conninfo = conninfo;
        var builder = conninfo.ToNpgsql();
        builder.ApplicationName = applicationName;
        builder.Timeout = conninfo.Get("connect_timeout") is null ? 5 : builder.Timeout;
        builder.CommandTimeout = 10;
        builder.CancellationTimeout = 1000;
        builder.KeepAlive = 10;
        builder.MaxPoolSize = 20;
        builder.IncludeErrorDetail = false;
        builder.PersistSecurityInfo = false;
        // Not the schemas in which others may create what fits our statements better than PostgreSQL's own.
        builder.SearchPath = SearchPath.Pinned;
        source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }

    public Conninfo Conninfo { get; }

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
                await using var nothing = new NpgsqlCommand(";", connection);
                await nothing.ExecuteNonQueryAsync(cancel);
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

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
