using System.Security.Cryptography;
using System.Text;
using Traktor.E2ETests.Mesh;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Security.Signatures;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// Each node has a key of its own for the calls of its arbiter to the others, and the operators' API keys open nothing
/// between arbiters: not in one direction, not forged, not with a key that was replaced or whose node has left.
/// </summary>
public sealed class NodeKeyTests
{
    private const string Table = "public.item";

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Nodes_WithApiKeysOfTheirOwn_CallOneAnotherAndNobodyElseDoes()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18, 18);
        await mesh.GiveOwnApiKeyAsync(mesh[1]);
        await mesh.GiveOwnApiKeyAsync(mesh[2]);
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);

        // Node 0 receives nothing yet, and knows node 1 all the same.
        await mesh.SubscribeAsync(1, 0);
        await mesh[1].AwaitTextAsync("select count(public_key) from trktr.node", "2");
        await DoneAsync(mesh[1], "/v1/arbiter/priority?scope=mesh", new { priorities = new { } }, 2);
        await ForgedCalls.RefusedAsync(
            mesh[0],
            ForgedCalls.Sign(mesh[0], 2, await ForgedCalls.KeyOfAsync(mesh[2])),
            "Node 2 is not known here yet: node 0 has no key of it."
        );
        foreach (var (to, from) in (IEnumerable<(int, int)>)[(0, 1), (0, 2), (1, 2), (2, 0), (2, 1)])
            await mesh.SubscribeAsync(to, from);
        await mesh.AgreeAsync("select count(public_key) from trktr.node", "3");
        await mesh.ReplicateAsync(Table, $"create table {Table} (id integer primary key)");
        foreach (var (node, policy) in mesh.Nodes.Zip(["manual", "node_priority", "first_update_wins"]))
        {
            await DoneAsync(node, $"/v1/arbiter/policy/{Table}?scope=mesh", new { policy }, 3);
            await mesh.AgreeAsync("select policy from trktr.replicaset", policy);
        }

        await ForgeriesAreRefusedAsync(mesh);
        await NewestKeyCountsAsync(mesh);
        await KeyIsReplacedAsync(mesh);
        await ServerIsGoneAsync(mesh);
        await NodeLeavesAsync(mesh);
    }

    private static async Task ForgeriesAreRefusedAsync(TestMesh mesh)
    {
        var (key1, key2, own) = (await ForgedCalls.KeyOfAsync(mesh[1]), await ForgedCalls.KeyOfAsync(mesh[2]), NodeKeyPair.Make());
        // Nobody but the database that made the slot registers a key.
        foreach (
            var identity in (string[])
                [
                    "gen_random_uuid(), o.system_identifier, o.database_oid",
                    "o.incarnation, o.system_identifier + 1, o.database_oid",
                    "o.incarnation, o.system_identifier, 1",
                ]
        )
            await mesh[0]
                .ExecuteAsync(
                    $"select trktr.register_key(1, {identity}, decode('{own.Public.Hex()}', 'hex'), now()) from trktr.slot_owner o "
                        + "where o.node_id = 1"
                );
        Assert.Equal(
            0,
            await mesh[0]
                .ScalarAsync<long>("create role reader in role pg_read_all_data; set role reader; select count(*) from trktr.node_key")
        );
        var call = ForgedCalls.Sign(mesh[0], 1, key1);
        await ForgedCalls.AcceptedAsync(mesh[0], call);
        await ForgedCalls.RefusedAsync(mesh[0], call, "was used before");
        await ForgedCalls.RefusedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 1, key1, callee: 2), "is for the arbiter of node 2");
        await ForgedCalls.RefusedAsync(mesh[0], ForgedCalls.Sign(mesh[2], 1, key1, callee: 0), "is signed for the arbiter at");
        await ForgedCalls.RefusedAsync(
            mesh[0],
            ForgedCalls.Sign(mesh[0], 1, key2),
            "is not signed with the key that node 0 knows of node 1"
        );
        await ForgedCalls.RefusedAsync(
            mesh[0],
            ForgedCalls.Sign(mesh[0], 1, own),
            "is not signed with the key that node 0 knows of node 1"
        );
        await ForgedCalls.RefusedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 7, own), "Node 7 is not known here yet");

        // With the operator's key, in the header as it is, and as it was when that key was the arbiters'.
        var hmac = Convert.ToHexStringLower(HMACSHA256.HashData(SigningKeyOf(mesh[0].Arbiter.Key), Encoding.UTF8.GetBytes($"{call}")));
        await ForgedCalls.RefusedAsync(
            mesh[0],
            call with
            {
                Nonce = hmac[..32],
                Code = hmac.PadRight(PublicKey.SignatureLength, '0'),
            },
            "is not signed"
        );
        var old = $"v1 {call.Time} {hmac[..32]} {call.Body} {call.To} {call.Actor} {hmac}";
        await ForgedCalls.RefusedAsync(mesh[0], old, $"The header {CallSignature.Header} is malformed.");
    }

    /// <summary>
    /// Of what a node announced and what it registered the newest counts; and what another database announced than the
    /// one that node 0 subscribes to counts for nothing.
    /// </summary>
    private static async Task NewestKeyCountsAsync(TestMesh mesh)
    {
        const string NotKnown = "Node 1 is not known here yet";
        var (key, other) = (await ForgedCalls.KeyOfAsync(mesh[1]), NodeKeyPair.Make());
        // With another incarnation, so that node 1 does not register its key again meanwhile.
        await mesh[0]
            .ExecuteAsync(
                $"update trktr.slot_owner set incarnation = gen_random_uuid(), public_key = decode('{other.Public.Hex()}', 'hex'), "
                    + "key_made_at = key_made_at + interval '1 s' where node_id = 1"
            );
        await ForgedCalls.KnownAsync(mesh[0], 1, other);
        await mesh[0].ExecuteAsync("update trktr.slot_owner set key_made_at = key_made_at - interval '2 s' where node_id = 1");
        await ForgedCalls.KnownAsync(mesh[0], 1, key);
        await ForgedCalls.RefusedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 1, other), "is not signed with the key");

        await mesh[0]
            .ExecuteAsync(
                "update trktr.slot_owner set public_key = null where node_id = 1; "
                    + "update trktr.subscription set incarnation = gen_random_uuid() where inbound_node = 1"
            );
        await ForgedCalls.ForgottenAsync(mesh[0], 1, key, NotKnown);
        await mesh[0]
            .ExecuteAsync(
                """
                update trktr.slot_owner o set incarnation = n.incarnation from trktr.node n where n.node_id = 1 and o.node_id = 1;
                update trktr.subscription s set incarnation = n.incarnation from trktr.node n where n.node_id = 1 and s.inbound_node = 1
                """
            );
        await ForgedCalls.KnownAsync(mesh[0], 1, key);
    }

    /// <summary>Someone deletes the key of a node: its arbiter makes another one, and the old one is worth
    /// nothing.</summary>
    private static async Task KeyIsReplacedAsync(TestMesh mesh)
    {
        var old = await ForgedCalls.KeyOfAsync(mesh[1]);
        await mesh[1].ExecuteAsync("delete from trktr.node_key");
        await mesh[1].AwaitTextAsync("select count(*) from trktr.node_key", "1");
        var key = await ForgedCalls.KeyOfAsync(mesh[1]);
        Assert.False(key.Public.Is(old.Public.Bytes));
        foreach (var node in (MeshNode[])[mesh[0], mesh[2]])
        {
            await node.AwaitTextAsync("select encode(public_key, 'hex') from trktr.node where node_id = 1", key.Public.Hex());
            await node.AwaitTextAsync("select encode(public_key, 'hex') from trktr.slot_owner where node_id = 1", key.Public.Hex());
            await ForgedCalls.KnownAsync(node, 1, key);
            await ForgedCalls.RefusedAsync(node, ForgedCalls.Sign(node, 1, old), "is not signed with the key");
        }

        foreach (var node in mesh.Nodes)
            await DoneAsync(node, "/v1/arbiter/priority?scope=mesh", new { priorities = new { } }, 3);
    }

    /// <summary>An arbiter whose server is gone knows the keys all the same.</summary>
    private static async Task ServerIsGoneAsync(TestMesh mesh)
    {
        var (key0, key1) = (await ForgedCalls.KeyOfAsync(mesh[0]), await ForgedCalls.KeyOfAsync(mesh[1]));
        await mesh[0].Server.StopAsync();
        await ForgedCalls.AcceptedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 1, key1), key0.Public);
        await ForgedCalls.RefusedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 1, key0), "is not signed with the key");
        await mesh[0].Server.StartAsync();
        await mesh[0].AwaitStateAsync(2, "streaming");
    }

    /// <summary>A node leaves, and the others still have their subscriptions from it; its key is in a backup.</summary>
    private static async Task NodeLeavesAsync(TestMesh mesh)
    {
        var key = await ForgedCalls.KeyOfAsync(mesh[2]);
        await ForgedCalls.AcceptedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 2, key));
        (await mesh[2].Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
        foreach (var node in (MeshNode[])[mesh[0], mesh[1]])
        {
            await node.AwaitTextAsync("select count(public_key) from trktr.node where node_id = 2", "0");
            Assert.Equal("0", await node.TextAsync("select count(*) from trktr.slot_owner where node_id = 2"));
            await ForgedCalls.ForgottenAsync(node, 2, key, "Node 2 is not known here yet");
        }

        await ForgedCalls.RefusedAsync(
            mesh[2],
            ForgedCalls.Sign(mesh[2], 0, await ForgedCalls.KeyOfAsync(mesh[0])),
            "Node 2 does not know any other node"
        );
    }

    /// <summary>Has a node do something everywhere, and expects that so many nodes did it.</summary>
    private static async Task DoneAsync(MeshNode node, string path, object body, int nodes)
    {
        var report = (await node.Api.PutAsync(path, body)).Expect(200).Json;
        Assert.Equal(
            string.Join(' ', Enumerable.Repeat("done", nodes)),
            string.Join(' ', report["nodes"]!.AsArray().Select(result => (string?)result!["result"]))
        );
    }

    private static byte[] SigningKeyOf(string apiKey) =>
        Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(apiKey),
            "Traktor: signatures of calls between arbiters, v1"u8,
            200_000,
            HashAlgorithmName.SHA256,
            HMACSHA256.HashSizeInBytes
        );
}
