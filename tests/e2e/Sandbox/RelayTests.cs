using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;
using Traktor.Sandbox;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Sandbox;

public sealed class RelayTests(SandboxFixture fixture, ITestOutputHelper output) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private IPostgresServer server = null!;
    private TcpRelay relay = null!;

    public async Task InitializeAsync()
    {
        server = await fixture.Sandbox.StartServerAsync(16);
        relay = fixture.Sandbox.Relay(server);
    }

    public async Task DisposeAsync()
    {
        await relay.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Cut_Drop_ResetsConnectionsAndRefusesNewOnesUntilHealed()
    {
        await using var connection = await SandboxConnection.OpenAsync(server, relay);
        Assert.Equal(1, await connection.ScalarAsync<int>("select 1"));

        relay.Cut();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.ScalarAsync<int>("select 1"));
        var refused = await Assert.ThrowsAnyAsync<NpgsqlException>(() => SandboxConnection.OpenAsync(server, relay));
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refused.InnerException).SocketErrorCode);

        relay.Heal();

        await using var again = await SandboxConnection.OpenAsync(server, relay);
        Assert.Equal(1, await again.ScalarAsync<int>("select 1"));
    }

    [Fact]
    public async Task Cut_Blackhole_HoldsEverythingBackUntilHealed()
    {
        await using var connection = await SandboxConnection.OpenAsync(server, relay);
        await server.ExecuteAsync("create table arrived (id int)");

        relay.Cut(CutMode.Blackhole);

        var held = connection.ExecuteAsync("insert into arrived values (1)");
        var opening = SandboxConnection.OpenAsync(server, relay);
        await server.ExecuteAsync("select pg_sleep(0.3)");
        Assert.False(held.IsCompleted);
        Assert.False(opening.IsCompleted);
        Assert.Equal(0, await server.ScalarAsync<long>("select count(*) from arrived"));

        relay.Heal();

        await held;
        await using var opened = await opening;
        Assert.Equal(1, await opened.ScalarAsync<long>("select count(*) from arrived"));
    }

    [Fact]
    public async Task Cut_FromBlackholeToDropAndBack_ChangesTheMode()
    {
        await using var connection = await SandboxConnection.OpenAsync(server, relay);
        relay.Cut(CutMode.Blackhole);
        var held = connection.ScalarAsync<int>("select 1");

        relay.Cut(CutMode.Drop);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => held);

        relay.Cut(CutMode.Blackhole);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, relay.Port);
        Assert.True(socket.Connected);
    }

    [Fact]
    public async Task Delay_SetAtRunTime_LengthensTheRoundTripByTwice()
    {
        await using var connection = await SandboxConnection.OpenAsync(server, relay);
        var delay = TimeSpan.FromMilliseconds(300);
        relay.Delay = delay;

        // Timers may fire a little early, so a little less than twice the delay is right too; once the delay is not.
        Assert.InRange(await RoundTripAsync(connection), delay * 1.9, TimeSpan.MaxValue);

        // The best of several: a busy machine may hold up one.
        relay.Delay = TimeSpan.Zero;
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, (await RoundTripAsync(connection)).Ticks));
        Assert.InRange(best, TimeSpan.Zero, delay);
    }

    [Fact]
    public async Task Forward_ServerKilledAndStarted_ConnectsAgain()
    {
        await using var connection = await SandboxConnection.OpenAsync(server, relay);

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.ScalarAsync<int>("select 1"));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => SandboxConnection.OpenAsync(server, relay));
        await server.StartAsync();

        await using var again = await SandboxConnection.OpenAsync(server, relay);
        Assert.Equal(1, await again.ScalarAsync<int>("select 1"));
    }

    [Fact]
    public async Task Forward_ManyMegabytes_ArrivesWhole()
    {
        const long Rows = 16_000;
        await using var connection = await SandboxConnection.OpenAsync(server, relay);
        await using (var warm = await connection.BeginRawBinaryCopyAsync("copy (select 1) to stdout (format binary)"))
            await warm.CopyToAsync(Stream.Null);

        var clock = Stopwatch.StartNew();
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            $"copy (select repeat('0123456789abcdef', 1024) from generate_series(1, {Rows})) to stdout (format binary)"
        );
        var buffer = new byte[1 << 20];
        long total = 0;
        for (int read; (read = await copy.ReadAsync(buffer.AsMemory(), default)) > 0; )
            total += read;

        Assert.True(total > Rows * 16 * 1024, $"{total} bytes");

        output.WriteLine($"{total / clock.Elapsed.TotalSeconds / 1e6:0} MB/s");
    }

    private static async Task<TimeSpan> RoundTripAsync(NpgsqlConnection connection)
    {
        var clock = Stopwatch.StartNew();
        await connection.ScalarAsync<int>("select 1");
        return clock.Elapsed;
    }
}
