using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.NodeKeys;
using Traktor.UnitTests.Web.Components;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Tables;
using Traktor.Web.Peers;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Signatures;

namespace Traktor.UnitTests.Web.Peers;

public sealed class ArbiterCallsTests : IDisposable
{
    private const string Path = "v1/arbiter/replicaset/public.%22a%20b%22?key=%7B%22id%22%3A1%7D";
    private const string Answer = """{"relation":"public.x","changed":true,"status":"pending-add"}""";

    private static readonly Actor Alice = new(ActorKind.User, "alice", Role.Operator, "192.0.2.1");

    private readonly OtherArbiter other = new();
    private readonly KeyDirectory keys = OtherArbiter.KnownBy0();
    private readonly ArbiterCalls calls;

    public ArbiterCallsTests() => calls = new ArbiterCalls(keys, TimeProvider.System);

    public void Dispose()
    {
        calls.Dispose();
        other.Dispose();
    }

    private Task<StageAnswer> PutAsync(string? body, string below = "") =>
        calls.CallAsync(
            new PeerArbiter(1, new Uri(other.Url, below)),
            Alice,
            HttpMethod.Put,
            Path,
            body,
            ApiJsonOptions.Wire.StageAnswer,
            CancellationToken.None
        );

    [Theory]
    [InlineData("")]
    [InlineData("traktor")]
    [InlineData("traktor/")]
    public async Task CallAsync_Anything_IsSignedWithTheKeyOfThisNode(string below)
    {
        var prefix = below.Length == 0 ? "" : "/traktor";
        other.On($"PUT {prefix}/v1/arbiter/replicaset/public.%22a%20b%22", Answer);

        Assert.True((await PutAsync("{}", below)).Changed);

        var headers = other.Headers.Last();
        Assert.DoesNotContain(ApiKey.Header, headers.Keys, StringComparer.OrdinalIgnoreCase);
        var signature = CallSignature.Parse(headers[CallSignature.Header])!;
        Assert.True(signature.IsSignedBy(OtherArbiter.Caller.Public, "PUT", "/" + Path));
        Assert.Equal((0, 1), (signature.Caller, signature.Callee));
        Assert.Equal(CallSignature.HashOf("{}"u8), signature.Body);
        Assert.Equal(Alice, ActorText.Parse(signature.Actor));
        Assert.Equal($"{other.Url}{prefix.TrimStart('/')}".TrimEnd('/') + "/", signature.To);
        Assert.Equal("application/json; charset=utf-8", headers["Content-Type"]);
    }

    [Fact]
    public async Task CallAsync_WhatHasNotTheKey_GetsNoBodyAndIsNotBelieved()
    {
        // With the key of another node of the mesh.
        other.ProvesWith = OtherArbiter.Caller;
        other.On("GET /v1/arbiter/status", "{}");
        other.On("PUT /v1/arbiter/replicaset/public.%22a%20b%22", Answer);

        foreach (var body in new[] { "{\"connection_string\":\"password=secret\"}", null })
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => PutAsync(body));
            Assert.Equal(RefusalKind.Unavailable, refused.Kind);
            Assert.Contains("does not prove that it has the key of node 1", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["GET /v1/arbiter/status", "PUT /v1/arbiter/replicaset/public.%22a%20b%22"], other.Calls);
    }

    [Fact]
    public async Task EventsAsync_FromWhatHasNotTheKey_AreNotRead()
    {
        other.ProvesWith = null;
        other.On("GET /v1/arbiter/conflicts/stream", "data: {}\n\n");
        var events = calls.EventsAsync(new PeerArbiter(1, other.Url), Alice, "v1/arbiter/conflicts/stream", CancellationToken.None);

        await Assert.ThrowsAsync<RefusedException>(async () =>
        {
            await foreach (var item in events)
                Assert.Fail($"Read: {item.Data}");
        });
    }

    [Fact]
    public async Task CallAsync_KeyReplacedMeanwhile_IsReadAnewAndBelieved()
    {
        other.ProvesWith = NodeKeyPair.Make();
        other.On("PUT /v1/arbiter/replicaset/public.%22a%20b%22", Answer);
        keys.ReadBy(() =>
        {
            keys.Replace(OtherArbiter.Caller, new Dictionary<int, PublicKey> { [1] = other.ProvesWith.Public });
            return Task.CompletedTask;
        });

        Assert.True((await PutAsync(null)).Changed);
    }

    [Fact]
    public async Task CallAsync_NodeLeavesWithThisCall_IsBelieved()
    {
        other.On("PUT /v1/arbiter/replicaset/public.%22a%20b%22", Answer);
        other.Before = keys.Clear;

        Assert.True((await PutAsync(null)).Changed);
    }

    [Fact]
    public async Task CallAsync_WithoutKeys_CallsNobodyAndSaysWhy()
    {
        keys.Replace(OtherArbiter.Caller, new Dictionary<int, PublicKey>());
        var unknown = await Assert.ThrowsAsync<RefusedException>(() => PutAsync(null));
        keys.Clear();
        var none = await Assert.ThrowsAsync<RefusedException>(() => PutAsync(null));

        Assert.StartsWith("Node 1 is not known here yet: node 0 has no key of it.", unknown.Message, StringComparison.Ordinal);
        Assert.StartsWith("Node 0 cannot sign calls to other arbiters", none.Message, StringComparison.Ordinal);
        Assert.Empty(other.Calls);
    }

    [Fact]
    public async Task CallAsync_Refused_HasTheWordsOfTheOtherArbiter()
    {
        other.ProvesWith = null;
        other.On(
            "GET /v1/arbiter/status",
            """{"type":"about:blank","title":"Forbidden","status":403,"detail":"The clock is wrong.","hint":"Set it.","trace_id":null}""",
            403
        );

        var refused = await Assert.ThrowsAsync<RefusedException>(() => PutAsync("{}"));

        Assert.Equal(
            $"The arbiter of node 1 at {other.Url} refuses the calls of this arbiter: The clock is wrong. Set it.",
            refused.Message
        );
    }
}
