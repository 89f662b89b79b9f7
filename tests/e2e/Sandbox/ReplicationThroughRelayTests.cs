using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

public sealed class ReplicationThroughRelayTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Theory]
    [InlineData(CutMode.Drop)]
    [InlineData(CutMode.Blackhole)]
    public async Task LogicalReplication_LinkCutAndHealed_Resumes(CutMode mode)
    {
        // With a link that hangs, the subscriber waits for wal_receiver_timeout before it connects anew; here what is
        // held back arrives instead.
        var settings = new Dictionary<string, string> { ["wal_retrieve_retry_interval"] = "200ms" };
        await using var from = await fixture.Sandbox.StartServerAsync(18, settings);
        await using var to = await fixture.Sandbox.StartServerAsync(16, settings);
        await using var link = fixture.Sandbox.Relay(from);
        await from.ExecuteAsync("create table sent (id int primary key)");
        await from.ExecuteAsync("create publication all_tables for all tables");
        await to.ExecuteAsync("create table sent (id int primary key)");
        await to.ExecuteAsync($"create subscription s connection '{link.Conninfo()}' publication all_tables");
        await from.ExecuteAsync("insert into sent values (1)");
        await ArrivedAsync(to, 1);

        // A cut during the initial synchronisation is another story: PostgreSQL may lose the slot of that for good.
        await Eventually.TrueAsync(
            "the table is in sync",
            async () => await to.ScalarAsync<bool>("select bool_and(srsubstate = 'r') from pg_subscription_rel"),
            () => to.LogTail(15)
        );

        link.Cut(mode);
        await from.ExecuteAsync("insert into sent values (2)");
        await to.ExecuteAsync("select pg_sleep(0.5)");
        Assert.Equal(1, await to.ScalarAsync<long>("select count(*) from sent"));

        link.Heal();
        await ArrivedAsync(to, 2);
    }

    private static Task ArrivedAsync(IPostgresServer server, long rows) =>
        Eventually.TrueAsync(
            $"{rows} rows on the subscriber",
            async () => await server.ScalarAsync<long>("select count(*) from sent") == rows,
            () => server.LogTail(15)
        );
}
