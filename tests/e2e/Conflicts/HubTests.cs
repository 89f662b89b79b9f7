using System.Net;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>The hub of a real arbiter, heard with the client that anybody uses: it tells of the whole mesh.</summary>
public sealed class HubTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    private const string ReadOnlyKey = "OnlyListening";

    private TestMesh Mesh => conflicts.Mesh;

    [Fact]
    public async Task Listen_ToOneNode_TellsOfTheOtherToo()
    {
        var before = await conflicts.WaitingAsync(1, 2001);
        await using var listener = await HubListener.StartAsync(Mesh[0].Api.Address);
        await listener.AwaitAsync(1, before, "pending", Mesh.Diagnose);
        var here = await conflicts.WaitingAsync(0, 2002);
        var there = await conflicts.WaitingAsync(1, 2003);
        await listener.AwaitAsync(0, here, "pending");
        await listener.AwaitAsync(1, there, "pending");
        await conflicts.ResolveAsync(1, there);
        await listener.AwaitAsync(1, there, "resolved");
        Assert.All(listener.Messages, message => Assert.False(message.GetProperty("gap").GetBoolean()));

        await using var one = await HubListener.StartAsync(Mesh[0].Api.Address, node: 0);
        await one.AwaitAsync(0, here);
        Assert.DoesNotContain(one.Messages, message => message.GetProperty("node").GetInt32() == 1);
    }

    [Fact]
    public async Task Listen_ComingBackWithItsPositions_IsToldWhatItMissedAndNotAllAgain()
    {
        var old = await conflicts.WaitingAsync(1, 2010);
        IReadOnlyDictionary<int, string> positions;
        await using (var listener = await HubListener.StartAsync(Mesh[0].Api.Address))
        {
            await listener.AwaitAsync(1, old);
            var seen = await conflicts.WaitingAsync(1, 2011);
            await listener.AwaitAsync(1, seen);
            await Eventually.TrueAsync("node 0 is told of", () => listener.Positions.ContainsKey(0));
            positions = listener.Positions.ToDictionary();
        }

        var missed = await conflicts.WaitingAsync(1, 2012);
        await conflicts.ResolveAsync(1, old);
        await using var back = await HubListener.StartAsync(Mesh[0].Api.Address, positions: positions);
        await back.AwaitAsync(1, missed);
        await back.AwaitAsync(1, old, "resolved");
        Assert.All(back.Messages, message => Assert.Equal("changes", message.GetProperty("kind").GetString()));

        // A position of a history that is not this one: everything from the beginning, and said so.
        await using var lost = await HubListener.StartAsync(
            Mesh[0].Api.Address,
            positions: new Dictionary<int, string> { [1] = "999999-999999" }
        );
        await lost.AwaitAsync(1, missed);
        Assert.Contains(
            lost.Messages,
            message => message.GetProperty("kind").GetString() == "snapshot" && message.GetProperty("gap").GetBoolean()
        );
    }

    [Fact]
    public async Task Listen_WithoutTheRightKey_IsRefusedByEveryTransport()
    {
        foreach (var transport in new[] { HttpTransportType.WebSockets, HttpTransportType.ServerSentEvents, HttpTransportType.LongPolling })
        foreach (
            var (key, status) in new (string?, HttpStatusCode)[]
            {
                (null, HttpStatusCode.Unauthorized),
                ("Wrong", HttpStatusCode.Forbidden),
            }
        )
        {
            await using var connection = HubListener.Connect(Mesh[0].Api.Address, key, options => options.Transports = transport);
            Assert.Equal(status, (await Assert.ThrowsAsync<HttpRequestException>(() => connection.StartAsync())).StatusCode);
        }

        using var nobody = new RestApi(Mesh[0].Api.Address, null);
        (await nobody.PostAsync("/hubs/conflicts/negotiate?negotiateVersion=1")).ExpectProblem(401, "key");
        (await nobody.GetAsync("/hubs/no-such")).ExpectProblem(401, "key");
        // Without negotiating first, too.
        await using var direct = HubListener.Connect(
            Mesh[0].Api.Address,
            null,
            options => (options.Transports, options.SkipNegotiation) = (HttpTransportType.WebSockets, true)
        );
        await Assert.ThrowsAnyAsync<Exception>(() => direct.StartAsync());
    }

    [Fact]
    public async Task Listen_WithTheKeyAsTokenOrTheReadOnlyKey_IsTold()
    {
        await Mesh[0].Arbiter.TerminateAsync();
        await Mesh[0].Arbiter.ConfigureAsync(Mesh[0].Server.Conninfo(TestMesh.Database), ("ReadOnlyAPIKey", ReadOnlyKey));
        await Mesh[0].Arbiter.StartAsync();
        var id = await conflicts.WaitingAsync(0, 2020);
        await using (var reader = await HubListener.StartAsync(Mesh[0].Api.Address, ReadOnlyKey))
            await reader.AwaitAsync(0, id);
        foreach (var transport in new[] { HttpTransportType.WebSockets, HttpTransportType.ServerSentEvents, HttpTransportType.LongPolling })
        {
            await using var connection = HubListener.Connect(
                Mesh[0].Api.Address,
                null,
                options => (options.Transports, options.AccessTokenProvider) = (transport, () => Task.FromResult<string?>(ReadOnlyKey))
            );
            await connection.StartAsync();
            await using var stream = connection.StreamAsync<System.Text.Json.JsonElement>("Listen", null).GetAsyncEnumerator();
            Assert.True(await stream.MoveNextAsync());
        }

        using var query = new RestApi(Mesh[0].Api.Address, null);
        (await query.PostAsync($"/hubs/conflicts/negotiate?negotiateVersion=1&access_token={ReadOnlyKey}")).Expect(200);
        Assert.DoesNotContain(Mesh[0].Arbiter.Log, line => line.Contains(ReadOnlyKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Listen_PeersArbiterKilledAndBack_NothingIsLostAndNothingStaysDouble()
    {
        await using var listener = await HubListener.StartAsync(Mesh[0].Api.Address);
        var first = await conflicts.WaitingAsync(1, 2030);
        await listener.AwaitAsync(1, first);
        await Mesh[1].Arbiter.KillAsync();
        await listener.AwaitKindAsync(1, "unreachable");
        var unreachable = listener.Messages.Last(message => message.GetProperty("kind").GetString() == "unreachable");
        Assert.NotNull(unreachable.GetProperty("last_contact_at").GetString());
        Assert.EndsWith(".", unreachable.GetProperty("problem").GetString(), StringComparison.Ordinal);

        List<long> meanwhile = [];
        for (var key = 2031; key < 2041; key++)
            meanwhile.Add(await conflicts.WaitingAsync(1, key));
        await conflicts.ResolveAsync(1, first);
        var here = await conflicts.WaitingAsync(0, 2041);
        await listener.AwaitAsync(0, here);
        await Mesh[1].Arbiter.StartAsync();
        foreach (var id in meanwhile)
            await listener.AwaitAsync(1, id, "pending", Mesh.Diagnose);
        await listener.AwaitAsync(1, first, "resolved");
        await listener.AwaitKindAsync(1, "changes", "snapshot");
        Assert.All(
            meanwhile,
            id =>
                Assert.Single(
                    listener.Messages.SelectMany(message =>
                        message
                            .GetProperty("conflicts")
                            .EnumerateArray()
                            .Select(conflict => (message.GetProperty("node").GetInt32(), conflict.GetProperty("id").GetInt64()))
                    ),
                    told => told == (1, id)
                )
        );
    }

    [Fact]
    public async Task Listen_ArbiterStops_EndsPromptly()
    {
        await using var listener = await HubListener.StartAsync(Mesh[1].Api.Address);
        await Eventually.TrueAsync("it listens", () => listener.Positions.ContainsKey(1));
        var took = await Mesh[1].Arbiter.TerminateAsync();
        Assert.True(took < TimeSpan.FromSeconds(2), $"ended after {took}");
        await Mesh[1].Arbiter.StartAsync();
    }
}
