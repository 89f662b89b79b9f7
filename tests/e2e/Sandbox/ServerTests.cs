using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

public sealed class ServerTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    public async Task StartServerAsync_EachMajor_RunsThatMajorReadyForReplication(int major)
    {
        await using var server = await fixture.Sandbox.StartServerAsync(major);

        Assert.Equal(major, server.Major);
        await using var connection = await SandboxConnection.OpenAsync(server);
        Assert.Equal(major, await connection.ScalarAsync<int>("select current_setting('server_version_num')::int / 10000"));
        Assert.Equal(
            "logical/on/127.0.0.1",
            await connection.ScalarAsync<string>(
                "select concat_ws('/', current_setting('wal_level'), current_setting('track_commit_timestamp'), "
                    + "current_setting('listen_addresses'))"
            )
        );
        Assert.Equal("UTF8", await connection.ScalarAsync<string>("show server_encoding"));
    }

    [Fact]
    public async Task StartServerAsync_OwnSettings_Arrive()
    {
        var settings = new Dictionary<string, string>
        {
            ["fsync"] = "on",
            ["log_line_prefix"] = @"it's \ %m ",
            ["track_commit_timestamp"] = "off",
        };
        await using var server = await fixture.Sandbox.StartServerAsync(18, settings);

        Assert.Equal(
            @"on|it's \ %m |off",
            await server.ScalarAsync<string>(
                "select concat_ws('|', current_setting('fsync'), current_setting('log_line_prefix'), "
                    + "current_setting('track_commit_timestamp'))"
            )
        );
        Assert.Equal("40", await server.ScalarAsync<string>("show max_active_replication_origins"));
    }

    [Fact]
    public async Task Clock_SetAheadAndBack_IsWhatTransactionsAreStampedWith()
    {
        await TestMesh.NeedClocksAsync();
        await using var server = await fixture.Sandbox.StartServerAsync(17, hasOwnClock: true);
        const string Ahead = "select extract(epoch from clock_timestamp()) from generate_series(1, 1)";
        await using var connection = await SandboxConnection.OpenAsync(server);
        await connection.ExecuteAsync("create table t (id int primary key)");
        foreach (var offset in (int[])[300, -300])
        {
            server.Clock!.Set(TimeSpan.FromSeconds(offset));
            await Eventually.TrueAsync(
                $"the server's clock is {offset} s ahead",
                async () =>
                    Math.Abs((double)await connection.ScalarAsync<decimal>(Ahead) - DateTimeOffset.UtcNow.ToUnixTimeSeconds() - offset) < 60
            );
            await connection.ExecuteAsync($"insert into t values ({offset})");
            var stamp = await connection.ScalarAsync<DateTime>($"select pg_xact_commit_timestamp(xmin) from t where id = {offset}");
            Assert.InRange((stamp - DateTime.UtcNow).TotalSeconds, offset - 60, offset + 60);
        }
    }

    [Fact]
    public async Task StartServerAsync_ServerRefusesASetting_SaysWhatTheLogSays()
    {
        var settings = new Dictionary<string, string> { ["shared_buffers"] = "plenty" };

        var refused = await Assert.ThrowsAsync<SandboxException>(() => fixture.Sandbox.StartServerAsync(16, settings));

        Assert.Contains("shared_buffers", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartServerAsync_UnknownMajor_NamesThoseThereAre()
    {
        var refused = await Assert.ThrowsAsync<SandboxException>(() => fixture.Sandbox.StartServerAsync(9));

        Assert.Contains("15, 16, 17, 18", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conninfo_WrongPassword_IsRejected()
    {
        await using var server = await fixture.Sandbox.StartServerAsync(15);
        var wrong = new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = server.Superuser,
            Password = "wrong",
            Pooling = false,
        };

        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task KillAsync_ThenStart_KeepsWhatWasCommittedAndOnlyThat(int major)
    {
        await using var server = await fixture.Sandbox.StartServerAsync(major);
        var port = server.Port;
        await server.ExecuteAsync("create table kept (id int)");
        await server.ExecuteAsync("insert into kept values (1)");
        await using var open = await SandboxConnection.OpenAsync(server);
        await open.ExecuteAsync("begin; insert into kept values (2)");

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => open.ExecuteAsync("commit"));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => SandboxConnection.OpenAsync(server));
        await server.StartAsync();

        Assert.Equal(port, server.Port);
        Assert.Equal("1", await server.ScalarAsync<string>("select string_agg(id::text, ',') from kept"));
        Assert.Contains("database system was not properly shut down", server.LogTail(20), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RestartAsync_RunningServer_KeepsPortAndData()
    {
        await using var server = await fixture.Sandbox.StartServerAsync(17);
        var port = server.Port;
        var started = await server.ScalarAsync<DateTime>("create table kept (id int); select pg_postmaster_start_time()");

        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        Assert.True(await server.ScalarAsync<DateTime>("select pg_postmaster_start_time()") > started);
        Assert.Equal(0, await server.ScalarAsync<long>("select count(*) from kept"));
        Assert.DoesNotContain("not properly shut down", server.LogTail(50), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopAndStart_Repeated_DoNothingTheSecondTime()
    {
        await using var server = await fixture.Sandbox.StartServerAsync(16);

        await server.StartAsync();
        await server.StopAsync();
        await server.StopAsync();
        await server.KillAsync();
        await server.StartAsync();

        Assert.Equal(1, await server.ScalarAsync<int>("select 1"));
    }
}
