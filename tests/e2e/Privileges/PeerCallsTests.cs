using System.Text.Json.Nodes;
using Traktor.E2ETests.Conflicts;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// Arbiters call one another where the peers' databases say. Whoever can write there gets signed questions, but never a
/// key or a body, and nothing that a real arbiter would accept.
/// </summary>
public sealed class PeerCallsTests
{
    private const string Status = "/v1/arbiter/status";

    [Fact]
    public async Task FakeArbiter_InThePeersTable_GetsNoKeyAndNothingThatCanBeUsedElsewhere()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        var real = mesh[1].Arbiter.Api.Address;
        using var fake = new FakeArbiter(real);
        var status = (await mesh[1].Api.GetAsync(Status)).Expect(200).Text;
        await mesh[1].ExecuteAsync($"update trktr.node set arbiter_url = '{fake.Address}' where node_id = 1");
        await mesh[0].AwaitTextAsync("select arbiter_url from trktr.node where node_id = 1", fake.Address.ToString());

        // It passes on what it receives, and then answers by itself, with what node 1 answers and a proof of its own.
        foreach (var words in new[] { "The call is signed for the arbiter at", "does not prove that it has the key of node 1" })
        {
            var change = (await mesh[0].Api.PutAsync("/v1/arbiter/priority?scope=mesh", new { priorities = new { } })).Expect(200).Json;
            Assert.Equal("unreachable", (string?)change["nodes"]![1]!["result"]);
            Assert.Contains(words, (string?)change["nodes"]![1]!["detail"], StringComparison.Ordinal);
            fake.Answer = target => target == Status ? status : null;
        }

        var before = fake.Calls.Count;
        await using (await HubListener.StartAsync(mesh[0].Api.Address))
            await Eventually.TrueAsync("node 0 asks for the conflicts of node 1", () => fake.Calls.Count > before, mesh.Diagnose);

        Assert.All(fake.Calls, call => Assert.Equal((HttpMethod.Get, 0), (call.Method, call.Body.Length)));
        foreach (var call in fake.Calls)
        {
            Assert.DoesNotContain(ArbiterProcess.ApiKey, call.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.Contains(call.Headers, header => header.Name == "Traktor-Signature");
            foreach (var node in mesh.Nodes)
            {
                using var answer = await fake.SendAsync(call, new Uri($"http://127.0.0.1:{node.Arbiter.Port}"));
                Assert.Equal(403, (int)answer.StatusCode);
            }
        }
    }

    [Fact]
    public async Task Proxy_InFrontOfAnArbiter_PassesCallsOnAndCannotRepeatOrChangeThem()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        using var proxy = new FakeArbiter(new Uri($"http://127.0.0.1:{mesh[1].Arbiter.Port}"));
        await mesh[1].Arbiter.TerminateAsync();
        await mesh[1].Arbiter.ConfigureAsync(mesh[1].Server.Conninfo(TestMesh.Database), ("PublicURL", proxy.Address.ToString()));
        await mesh[1].Arbiter.StartAsync();
        await mesh[0].AwaitTextAsync("select arbiter_url from trktr.node where node_id = 1", proxy.Address.ToString());

        var change = (await mesh[0].Api.PutAsync("/v1/arbiter/priority?scope=mesh", new { priorities = new { } })).Expect(200).Json;
        Assert.Equal("done", (string?)change["nodes"]![1]!["result"]);

        var call = proxy.Calls.Single(call => call.Method == HttpMethod.Put);
        Assert.Contains("was used before", await DetailAsync(proxy, call, mesh[1]), StringComparison.Ordinal);
        Assert.Contains(
            "is not signed",
            await DetailAsync(proxy, call with { Target = "/v1/arbiter/control" }, mesh[1]),
            StringComparison.Ordinal
        );
        // A call that the proxy keeps back, to change it.
        proxy.Answer = target => target == Status ? null : "{}";
        change = (await mesh[0].Api.PutAsync("/v1/arbiter/priority?scope=mesh", new { priorities = new { } })).Expect(200).Json;
        Assert.Equal("unreachable", (string?)change["nodes"]![1]!["result"]);
        call = proxy.Calls.Last(call => call.Method == HttpMethod.Put);
        var other = call with { Body = "{\"priorities\":{\"1\":-5}}"u8.ToArray() };
        Assert.Contains("The body of the call", await DetailAsync(proxy, other, mesh[1]), StringComparison.Ordinal);
        Assert.DoesNotContain("-5", (await mesh[1].Api.GetAsync("/v1/arbiter/policy")).Expect(200).Text, StringComparison.Ordinal);
    }

    private static async Task<string?> DetailAsync(FakeArbiter proxy, FakeArbiter.Received call, MeshNode node)
    {
        using var answer = await proxy.SendAsync(call, new Uri($"http://127.0.0.1:{node.Arbiter.Port}"));
        Assert.Equal(403, (int)answer.StatusCode);
        return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"];
    }
}
