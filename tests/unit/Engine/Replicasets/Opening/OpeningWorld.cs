using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.UnitTests.Engine.Replicasets.Opening;

/// <summary>
/// A publisher with one table that is being opened, and its peers: what the SQL of the publications, of the replicaset
/// and of the peers' words does, in memory. Walks through it at random, with <paramref name="decide"/> in the
/// publisher's place.
/// </summary>
internal sealed partial class OpeningWorld(Random random, int peers, Func<ReplicasetEntry, IReadOnlyCollection<int>, OpeningStep> decide)
{
    private readonly Dictionary<int, (Guid Opening, Readiness Word)> words = [];
    private readonly Dictionary<int, bool> ahead = [];
    private readonly HashSet<int> resync = [];
    private bool? main;
    private TableState state = TableState.PendingAdd;
    private int[] excluded = [];
    private (ReplicasetEntry Entry, OpeningStep Step, int[] Subscribers)? open;
    private int rows;

    public List<OpeningPeer> Peers { get; } = [];

    /// <summary>What happened, for whoever has to find out why.</summary>
    public List<string> Log { get; } = [];

    public Guid? Opening { get; private set; }

    public bool IsOpenToAll => main == true && Opening is null;

    public bool IsCommitted => state == TableState.Committed;

    /// <summary>
    /// Whether the publisher is in the transaction of a step, holding the replicaset's lock and a transaction number.
    /// </summary>
    public bool IsStepping => open is not null;

    public bool IsPublishedTo(int node) => main is not null || ahead.ContainsKey(node);

    public bool IsNoted(int node) => resync.Contains(node);

    public void Tell(int node, Guid opening, Readiness word)
    {
        words[node] = (opening, word);
        Log.Add($"{node} says {word.Stage}{(opening == Opening ? "" : " of an opening that is over")}");
    }

    /// <summary>trktr.register_subscriber.</summary>
    public void Register(OpeningPeer peer)
    {
        if (IsStepping)
            return;
        peer.IsRegistered = true;
        Log.Add($"{peer.Node} registers");
        ahead.Remove(peer.Node);
        if (IsCommitted && main is null && ahead.ContainsValue(true))
            ahead[peer.Node] = true;
        words.Remove(peer.Node);
        if (IsCommitted)
            resync.Add(peer.Node);
    }

    /// <summary>trktr.unregister_subscriber.</summary>
    public void Unregister(OpeningPeer peer)
    {
        peer.IsRegistered = false;
        Log.Add($"{peer.Node} is gone");
        ahead.Remove(peer.Node);
        excluded = [.. excluded.Except([peer.Node])];
        words.Remove(peer.Node);
        resync.Remove(peer.Node);
    }

    /// <summary>Fills the world and begins the opening.</summary>
    public void Begin()
    {
        for (var node = 1; node <= peers; node++)
        {
            var peer = new OpeningPeer(node, this);
            Peers.Add(peer);
            for (var part = random.Next(4); part > 0; part--)
                peer.Join();
            peer.Fit = (Fit)random.Next(3);
        }

        Opening = NewId();
    }

    /// <summary>Anything that can happen.</summary>
    public void Happen()
    {
        var peer = Peers[random.Next(Peers.Count)];
        switch (random.Next(20))
        {
            case < 7:
                peer.Check();
                break;
            case < 11:
                Advance();
                break;
            case < 14:
                Write();
                break;
            case 14:
                peer.Join();
                break;
            case 15 when random.Next(4) == 0 && !IsStepping:
                peer.Leave();
                break;
            case 16:
                // A table that is dropped while it is received is the peer's own loss, and not looked at here.
                peer.Fit = peer.HasTable ? Fit.Yes : (Fit)random.Next(3);
                break;
            case 17:
                peer.IsEnabled = random.Next(3) > 0;
                break;
            case 18:
                peer.HasArbiter = random.Next(3) > 0;
                break;
            case 19 when !IsStepping && state == TableState.PendingAdd:
                Patch(force: random.Next(2) == 0);
                break;
        }
    }

    /// <summary>Everybody becomes able and stays so; then the table has to open to all.</summary>
    public void Hint()
    {
        foreach (var peer in Peers)
            (peer.Fit, peer.IsEnabled, peer.HasArbiter) = (Fit.Yes, true, true);
        for (var round = 0; round < 60; round++)
            foreach (var peer in Peers)
            {
                peer.Join();
                Advance();
                peer.Check();
                Write();
            }
    }
}
