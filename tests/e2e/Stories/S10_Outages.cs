using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Sandbox;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Servers, links and arbiters that go away and come back: the arbiter serves, says what is, and goes on by itself.
/// </summary>
public sealed class S10_Outages(Pair pair, ITestOutputHelper output) : IClassFixture<Pair>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    public async Task Start_WithoutPostgreSql_ServesAndGoesOnByItself()
    {
        await mesh[0].Arbiter.KillAsync();
        await mesh[0].Server.StopAsync();
        await mesh[0].Arbiter.StartAsync();

        await Eventually.TrueAsync(
            "the status says that PostgreSQL does not answer",
            async () =>
                ((string?)(await mesh[0].StatusAsync())["problem"])?.Contains("connection refused", StringComparison.Ordinal) == true,
            mesh.Diagnose
        );
        Assert.False((bool)(await mesh[0].StatusAsync())["is_reachable"]!);
        (await mesh[0].Api.GetAsync("/health/live")).Expect(200);
        (await mesh[0].Api.GetAsync("/health/ready")).ExpectProblem(503);
        (await mesh[0].Api.PutAsync("/v1/arbiter/control")).ExpectProblem(503, "PostgreSQL");
        (await mesh[0].Api.GetAsync("/v1/arbiter/replicaset/status")).ExpectProblem(503, "PostgreSQL");
        (await mesh[0].Api.PutAsync("/v1/arbiter/replicaset/public.any")).ExpectProblem(503, "PostgreSQL");

        await mesh[0].Server.StartAsync();
        await mesh[0].AwaitStateAsync(1, "streaming");
        (await mesh[0].Api.GetAsync("/health/ready")).Expect(200);
        Assert.Null((string?)(await mesh[0].StatusAsync())["problem"]);
    }

    [Theory]
    [InTurn("crashed")]
    [InTurn("stopped")]
    public async Task CrashOrStopAServer_AndStartItAgain_NothingIsLostAndNobodyHelps(string what)
    {
        await mesh.ReplicateAsync($"public.{what}", $"create table {what} (id int primary key)");
        await mesh[0].ExecuteAsync($"insert into {what} values (1)");
        await (what == "crashed" ? mesh[1].Server.KillAsync() : mesh[1].Server.StopAsync());
        await Eventually.TrueAsync(
            "arbiter 1 says that its server is away",
            async () => !(bool)(await mesh[1].StatusAsync())["is_reachable"]!,
            mesh.Diagnose
        );
        await mesh[0].AwaitStateAsync(1, "unreachable");
        await mesh[0].ExecuteAsync($"insert into {what} values (2)");

        await mesh[1].Server.StartAsync();
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].AwaitStateAsync(0, "streaming");
        await mesh[1].ExecuteAsync($"insert into {what} values (3)");
        await mesh.AgreeAsync($"select id from {what} order by 1", "1\n2\n3");
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(CutMode.Drop)]
    [InTurn(CutMode.Blackhole)]
    public async Task CutALink_AndHealIt_TheAgeIsShownAndNeverALagOfZero(CutMode mode)
    {
        await mesh.ReplicateAsync($"public.cut_{mode}", $"create table \"cut_{mode}\" (id int primary key)");
        await mesh[0].AwaitStateAsync(1, "streaming");
        mesh.Link(1, 0).Cut(mode);
        await mesh[1].ExecuteAsync($"insert into \"cut_{mode}\" values (1)");
        await Eventually.TrueAsync(
            "the cut is noticed, and until then no lag is shown that is shorter than the silence",
            async () =>
            {
                var now = (await mesh[0].SubscriptionAsync(1))!;
                if (DateTimeOffset.UtcNow - (DateTimeOffset)now["last_contact_at"]! > TimeSpan.FromSeconds(8))
                    ExpectAge(now, 6000);
                return (string?)now["state"] == "unreachable";
            },
            mesh.Diagnose
        );

        var subscription = (await mesh[0].SubscriptionAsync(1))!;
        var age = ExpectAge(subscription, 0);
        Assert.Contains("reconnects by itself", (string?)subscription["last_error"], StringComparison.Ordinal);
        var heard = (DateTimeOffset)subscription["last_contact_at"]!;
        await Eventually.StaysTrueAsync(
            "what is shown is the last time that the peer was heard, and an age that grows",
            TimeSpan.FromSeconds(2),
            async () =>
            {
                var now = (await mesh[0].SubscriptionAsync(1))!;
                age = ExpectAge(now, age);
                return (DateTimeOffset)now["last_contact_at"]! == heard && (string?)now["state"] == "unreachable";
            }
        );
        var status = await mesh[0].StatusAsync();
        Assert.True((double)status["replication_lag_ms"]! >= age, $"The lag of the whole node is {status["replication_lag_ms"]}.");
        Assert.False((bool)status["is_replicating"]!);
        Assert.Contains("node 1", (string?)status["problem"], StringComparison.Ordinal);
        await mesh[1].AwaitStateAsync(0, "streaming");

        mesh.Link(1, 0).Heal();
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh.AgreeAsync($"select id from \"cut_{mode}\"", "1");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Sigterm_WithRequestsThatAreStillOpen_EndsWell()
    {
        mesh.Link(1, 0).Cut(CutMode.Blackhole);
        using var half = new TcpClient("localhost", mesh[0].Arbiter.Port);
        await half.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    "PUT /v1/arbiter/subscription/control HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: LetMeIn\r\nContent-Type: "
                        + "application/json\r\nContent-Length: 99\r\n\r\n{"
                )
            );
        var waiting = mesh[0]
            .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 1, connection_string = mesh.Conninfo(1, 0) });
        await mesh[0].StatusAsync();

        var took = await mesh[0].Arbiter.TerminateAsync();
        output.WriteLine($"SIGTERM with two open requests: ended after {took.TotalMilliseconds:0} ms");
        Assert.Equal(0, mesh[0].Arbiter.ExitCode);
        Assert.True(took < TimeSpan.FromSeconds(10), $"It took {took.TotalSeconds:0.0} s to end.");
        await Task.WhenAny(waiting);
        _ = waiting.Exception;

        mesh.Link(1, 0).Heal();
        await mesh[0].Arbiter.StartAsync();
        await mesh[0].AwaitStateAsync(1, "streaming");
        took = await mesh[0].Arbiter.TerminateAsync();
        output.WriteLine($"SIGTERM of an arbiter at work: ended after {took.TotalMilliseconds:0} ms");
        Assert.Equal(0, mesh[0].Arbiter.ExitCode);
        await mesh[0].Arbiter.StartAsync();
    }

    /// <summary>
    /// The time since the peer's last heartbeat was applied, which never shrinks while the link is cut.
    /// </summary>
    private static double ExpectAge(JsonNode subscription, double atLeast)
    {
        var age = (double)subscription["lag_ms"]!;
        Assert.True(age > 0 && age >= atLeast, $"The lag is {age} ms, and was {atLeast} ms.");
        Assert.Null(subscription["lag_bytes"]);
        return age;
    }
}
