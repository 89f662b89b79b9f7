using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.Engine.Access;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Security.Signatures;

namespace Traktor.E2ETests.Privileges;

/// <summary>Calls to an arbiter that are signed in the name of a node, with its key or another one.</summary>
internal static class ForgedCalls
{
    private const string Status = "/v1/arbiter/status";

    private static readonly HttpClient Client = new();

    /// <summary>The key pair of a node, as a superuser reads it from its database.</summary>
    public static async Task<NodeKeyPair> KeyOfAsync(MeshNode node) =>
        NodeKeyPair.Parse((await node.ScalarAsync<byte[]>("select private_key from trktr.node_key"))!)!;

    /// <summary>A public key as SQL decodes it.</summary>
    public static string Hex(this PublicKey key) => Convert.ToHexStringLower(key.Bytes);

    /// <summary>The signature of a question for the status, which an admin asks now.</summary>
    public static CallSignature Sign(MeshNode to, int caller, NodeKeyPair key, int? callee = null) =>
        CallSignature
            .Of(
                (caller, callee ?? to.Id),
                [],
                $"http://127.0.0.1:{to.Arbiter.Port}/",
                new Actor(ActorKind.User, "mallory", Role.Admin),
                DateTimeOffset.UtcNow
            )
            .SignedBy(key, "GET", Status);

    /// <summary>Asks, and expects an answer and the proof of the node that was asked.</summary>
    public static async Task AcceptedAsync(MeshNode node, CallSignature call, PublicKey? prover = null)
    {
        using var answer = await SendAsync(node, call.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{text}\n{node.Diagnose()}");
        var proof = string.Concat(answer.Headers.GetValues(CallSignature.ProofHeader));
        Assert.True(call.IsProof(prover ?? (await KeyOfAsync(node)).Public, proof));
    }

    /// <summary>Asks until a new key is known.</summary>
    public static Task KnownAsync(MeshNode node, int caller, NodeKeyPair key) =>
        Eventually.TrueAsync(
            $"node {node.Id} knows the key of node {caller}",
            async () => await RefusalAsync(node, Sign(node, caller, key).ToString()) is null,
            node.Diagnose
        );

    /// <summary>Asks until it is refused, in these words.</summary>
    public static Task ForgottenAsync(MeshNode node, int caller, NodeKeyPair key, string words) =>
        Eventually.TrueAsync(
            $"node {node.Id} has forgotten the key of node {caller}",
            async () => (await RefusalAsync(node, Sign(node, caller, key).ToString()))?.Contains(words, StringComparison.Ordinal) == true,
            node.Diagnose
        );

    /// <summary>Asks, and expects to be refused in these words, without a proof.</summary>
    public static Task RefusedAsync(MeshNode node, CallSignature call, string words) => RefusedAsync(node, call.ToString(), words);

    /// <summary>The same with any header.</summary>
    public static async Task RefusedAsync(MeshNode node, string header, string words) =>
        Assert.Contains(words, await RefusalAsync(node, header), StringComparison.Ordinal);

    /// <summary>Asks; why it is refused, or null when it is answered.</summary>
    public static async Task<string?> RefusalAsync(MeshNode node, string header)
    {
        using var answer = await SendAsync(node, header);
        if (answer.IsSuccessStatusCode)
            return null;
        Assert.Contains((int)answer.StatusCode, new[] { 403, 429 });
        Assert.False(answer.Headers.Contains(CallSignature.ProofHeader));
        return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"];
    }

    private static async Task<HttpResponseMessage> SendAsync(MeshNode node, string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{node.Arbiter.Port}{Status}");
        request.Headers.TryAddWithoutValidation(CallSignature.Header, header);
        return await Client.SendAsync(request);
    }
}
