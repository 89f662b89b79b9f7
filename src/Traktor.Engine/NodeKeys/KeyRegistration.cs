using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.NodeKeys;

/// <summary>
/// Gives this node's key to a peer that it receives from: the peer may not receive from this node, and then has no row
/// of it in <c>trktr.node</c>.
/// </summary>
public static class KeyRegistration
{
    /// <summary>
    /// Registers the key with the peer, which keeps it only for the database that made this node's slot there. Npgsql's
    /// exceptions propagate.
    /// </summary>
    /// <param name="connection">This node.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="self">This node's identity.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task RegisterAsync(NpgsqlConnection connection, NpgsqlConnection peer, NodeIdentity self, CancellationToken cancel)
    {
        var own = await connection.QuerySingleOrDefaultAsync<Key?>(
            new CommandDefinition("select public_key, made_at from trktr.node_key", cancellationToken: cancel)
        );
        if (own is not null)
            await peer.ExecuteAsync(
                new CommandDefinition(
                    SqlFile.Read("NodeKeys/register_key.sql"),
                    new
                    {
                        self.NodeId,
                        self.Incarnation,
                        self.SystemIdentifier,
                        self.DatabaseOid,
                        own.PublicKey,
                        own.MadeAt,
                    },
                    cancellationToken: cancel
                )
            );
    }

    private sealed record Key(byte[] PublicKey, DateTime MadeAt);
}
