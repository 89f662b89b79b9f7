using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Joining;

/// <summary>A node of the mesh that a node joins, as its own database says.</summary>
/// <param name="Conninfo">Its database.</param>
/// <param name="Url">Where its arbiter is.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="PublicKey">The key of its arbiter.</param>
/// <param name="KeyMadeAt">When that was made.</param>
internal sealed record MeshMember(Conninfo Conninfo, Uri Url, NodeIdentity Identity, byte[] PublicKey, DateTime KeyMadeAt)
{
    /// <summary>NodeID.</summary>
    public int Node => Identity.NodeId;

    /// <summary>Its arbiter.</summary>
    public PeerArbiter Arbiter => new(Node, Url);

    /// <summary>Reads the node. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">It is not that node, or its arbiter is not known.</exception>
    public static async Task<MeshMember> ReadAsync(
        NpgsqlConnection connection,
        Conninfo conninfo,
        int node,
        LocalNode local,
        CancellationToken cancel
    )
    {
        var seen = await NodeProbe.LookAsync(connection, cancel);
        var nobody = new NodeIdentity(local.NodeId, Guid.Empty, 0, 0, false, 0, "");
        if (PeerCheck.WhyRefused(seen, node, nobody, local.Pre16Compatibility) is { } refusal)
            throw refusal;
        var row = await connection.QuerySingleOrDefaultAsync<Row?>(
            new CommandDefinition(SqlFile.Read("Joining/read_member.sql"), new { node }, cancellationToken: cancel)
        );
        return row is { PublicKey: { } key, KeyMadeAt: { } madeAt } && Uri.TryCreate(row.ArbiterUrl, UriKind.Absolute, out var url)
            ? new MeshMember(conninfo, url, seen.Identity!, key, madeAt)
            : throw RefusedException.Conflict(
                $"Node {node} has not announced the address and the key of its arbiter.",
                "Start its arbiter."
            );
    }

    /// <summary>
    /// Has this node and the member know each other's arbiter by its key: each has the other one's database as the one
    /// that may make a slot here. It can be repeated. Npgsql's exceptions propagate.
    /// </summary>
    /// <exception cref="RefusedException">Conflict: another database is that node.</exception>
    public async Task IntroduceAsync(NpgsqlConnection own, NodeIdentity self, NpgsqlConnection there, CancellationToken cancel)
    {
        await ClaimAsync(there, self, Node, cancel);
        await NodeKeys.KeyRegistration.RegisterAsync(own, there, self, cancel);
        await ClaimAsync(own, Identity, self.NodeId, cancel);
        await own.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("NodeKeys/register_key.sql"),
                new
                {
                    Identity.NodeId,
                    Identity.Incarnation,
                    Identity.SystemIdentifier,
                    Identity.DatabaseOid,
                    PublicKey,
                    MadeAt = KeyMadeAt,
                },
                cancellationToken: cancel
            )
        );
    }

    private static async Task ClaimAsync(NpgsqlConnection publisher, NodeIdentity subscriber, int node, CancellationToken cancel)
    {
        var owner = await publisher.ExecuteScalarAsync<string?>(
            new CommandDefinition(
                "select trktr.claim_slot(@slot, @NodeId, @Incarnation, @SystemIdentifier, @DatabaseOid::oid)",
                new
                {
                    slot = ObjectNames.Subscription(subscriber.NodeId, node),
                    subscriber.NodeId,
                    subscriber.Incarnation,
                    subscriber.SystemIdentifier,
                    subscriber.DatabaseOid,
                },
                cancellationToken: cancel
            )
        );
        if (owner is not null)
            throw RefusedException.Conflict(
                $"Slot {ObjectNames.Subscription(subscriber.NodeId, node)} on node {node} belongs to {owner}.",
                $"Give this node a NodeID that no other node of the mesh has had. If that database is gone for good, run on node {node}: "
                    + Slots.PeerSlot.RemovalOf(ObjectNames.Subscription(subscriber.NodeId, node), subscriber.NodeId)
            );
    }

    private sealed record Row(string ArbiterUrl, byte[]? PublicKey, DateTime? KeyMadeAt);
}
