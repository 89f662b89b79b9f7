using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Joining;

/// <summary>What a join does on the other nodes: in their databases, and through their arbiters.</summary>
internal sealed class JoinMesh(LocalNode local, Peers peers, IJoinPeers? arbiters, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The way to the other arbiters.</summary>
    /// <exception cref="RefusedException">Unavailable: there is none.</exception>
    public IJoinPeers Arbiters => arbiters ?? throw RefusedException.Unavailable("Other arbiters cannot be reached.");

    /// <summary>The pool of sessions on a node.</summary>
    public Database At(JoinPeer peer) => peers.For(peer.Conninfo);

    /// <summary>Asks a node's database something.</summary>
    /// <exception cref="RefusedException">What the server's error means to a user.</exception>
    public async Task<T> AskAsync<T>(JoinPeer peer, Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            await using var connection = await At(peer).OpenAsync(cancel);
            return await ask(connection);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, string.Create(CultureInfo.InvariantCulture, $"node {peer.Node}"));
        }
    }

    /// <summary>Has this node and the others know one another's arbiters.</summary>
    public async Task IntroduceAsync(IEnumerable<JoinPeer> others, CancellationToken cancel)
    {
        var (own, self) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = own;
        foreach (var peer in others)
            await AskAsync(
                peer,
                async connection =>
                {
                    var member = await MeshMember.ReadAsync(connection, peer.Conninfo, peer.Node, local, cancel);
                    await member.IntroduceAsync(own, self, connection, cancel);
                    return true;
                },
                cancel
            );
    }

    /// <summary>
    /// Has the others receive from this node, and waits until they receive its heartbeats and winners, too: what this
    /// node announces later must reach everybody.
    /// </summary>
    public async Task ReceiveAsync(
        IReadOnlyList<JoinPeer> others,
        string ownConnectionString,
        Actor actor,
        Func<string, Task> wait,
        CancellationToken cancel
    )
    {
        foreach (var peer in others)
            if (!await ReceivesWinnersAsync(peer, cancel))
                await Arbiters.SubscribeAsync(peer.Arbiter, actor, local.NodeId, ownConnectionString, cancel);
        var began = time.GetTimestamp();
        foreach (var peer in others)
            while (!await ReceivesWinnersAsync(peer, cancel))
            {
                await JoinWait.OnAsync(
                    string.Create(CultureInfo.InvariantCulture, $"Node {peer.Node} does not receive this node's heartbeats yet."),
                    time.GetElapsedTime(began),
                    wait
                );
                await Task.Delay(Interval, time, cancel);
            }
    }

    private Task<bool> ReceivesWinnersAsync(JoinPeer peer, CancellationToken cancel) =>
        AskAsync(
            peer,
            connection =>
                connection.ExecuteScalarAsync<bool>(
                    new CommandDefinition(
                        SqlFile.Read("Joining/find_winners.sql"),
                        new { name = ObjectNames.Subscription(peer.Node, local.NodeId) },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    /// <summary>The position from which this node's slot on a peer keeps its changes; null when there is no slot, or it
    /// has lost some.</summary>
    public Task<string?> SlotAsync(JoinPeer peer, CancellationToken cancel) =>
        AskAsync(
            peer,
            connection =>
                connection.ExecuteScalarAsync<string?>(
                    new CommandDefinition(
                        "select confirmed_flush_lsn::text from pg_replication_slots where slot_name = @slot and wal_status <> 'lost'",
                        new { slot = ObjectNames.Subscription(local.NodeId, peer.Node) },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );
}
