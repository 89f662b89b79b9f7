using Npgsql;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

/// <summary>Unpooled Npgsql connections to sandbox servers, directly or through a relay.</summary>
internal static class SandboxConnection
{
    public static Task<NpgsqlConnection> OpenAsync(IPostgresServer server) => OpenAsync(server, server.Port);

    public static Task<NpgsqlConnection> OpenAsync(IPostgresServer server, TcpRelay relay) => OpenAsync(server, relay.Port);

    public static async Task<T?> ScalarAsync<T>(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T?)await command.ExecuteScalarAsync();
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T?> ScalarAsync<T>(this IPostgresServer server, string sql)
    {
        await using var connection = await OpenAsync(server);
        return await connection.ScalarAsync<T>(sql);
    }

    public static async Task ExecuteAsync(this IPostgresServer server, string sql)
    {
        await using var connection = await OpenAsync(server);
        await connection.ExecuteAsync(sql);
    }

    private static async Task<NpgsqlConnection> OpenAsync(IPostgresServer server, int port)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = port,
            Username = server.Superuser,
            Password = server.Password,
            Database = "postgres",
            Pooling = false,
            Timeout = 10,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
