using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>One PostgreSQL of the simulated mesh with its arbiter.</summary>
internal sealed class SimulatedNode
{
    public SimulatedNode(int id, int nodes, int keys)
    {
        ErasedBy = new ulong[keys];
        Id = id;
        Rows = new RowVersion?[keys];
        RowLosses = new Loss?[keys];
        Xmin = new ulong[keys];
        Erased = new RowVersion?[keys];
        Contested = new ContestedKey?[keys];
        Overwrites = new List<Overwrite>[keys];
        Winners = new List<RowVersion>[keys];
        for (var key = 0; key < keys; key++)
            (Overwrites[key], Winners[key]) = ([], []);
        Position = new int[nodes];
        SessionStableXid = new ulong[nodes];
        SessionQuiet = new bool[nodes];
        Received = new long[nodes];
        Received.AsSpan().Fill(long.MinValue);
        Log = new HeartbeatLog(id, [.. Enumerable.Range(0, nodes)]);
    }

    public int Id { get; }

    // The database.
    public RowVersion?[] Rows { get; }

    public ulong[] Xmin { get; }

    /// <summary>What each row was when a rewrite erased its stamp.</summary>
    public RowVersion?[] Erased { get; }

    public ContestedKey?[] Contested { get; }

    public List<Overwrite>[] Overwrites { get; }

    public List<RowVersion>[] Winners { get; }

    public HeartbeatLog Log { get; }

    public ulong Xid { get; set; } = 100;

    public ulong StableXid { get; set; }

    public long Seq { get; set; } = 1000;

    public long[] Received { get; }

    /// <summary>What it has committed for others to receive.</summary>
    public List<SimulatedTransaction> Stream { get; } = [];

    /// <summary>How far it has applied every other node's stream.</summary>
    public int[] Position { get; }

    /// <summary>
    /// The horizon that each apply worker goes by: as it was when the last heartbeat came through it.
    /// </summary>
    public ulong[] SessionStableXid { get; }

    /// <summary>Whether each apply worker knows that all it has noted is processed.</summary>
    public bool[] SessionQuiet { get; }

    /// <summary>The application's transaction that is open, by its number; 0 when none is.</summary>
    public ulong OpenXid { get; set; }

    /// <summary>The keys that it holds locked, a bit each.</summary>
    public int Locked { get; set; }

    /// <summary>How far its clock is ahead.</summary>
    public long Skew { get; set; }

    /// <summary>Whether the arbiter has certified, in the database, that nothing is contested.</summary>
    public bool IsCertified { get; set; }

    // The arbiter's memory, lost when it is killed.
    public bool IsAlive { get; set; } = true;

    public ArbiterPhase Phase { get; set; }

    public NodeVector? Vector { get; set; }

    /// <summary>The keys that the round began with, a bit each.</summary>
    public int Round { get; set; }

    /// <summary>Those of them that are still to be processed.</summary>
    public int Waiting { get; set; }

    public int Due { get; set; }

    public int[]? Processed { get; set; }

    /// <summary>What loses when each row is brought to what was decided.</summary>
    public Loss?[] RowLosses { get; }

    /// <summary>A row with the stamp under which it was written.</summary>
    public RowVersion? Written(int key) => IsErased(key) ? Erased[key] : Rows[key];

    /// <summary>Whether a rewrite has erased the row's stamp, and nobody has written it since.</summary>
    public bool IsErased(int key) => Rows[key] is not null && Xmin[key] == ErasedBy[key];

    /// <summary>The transaction that erased it.</summary>
    public ulong[] ErasedBy { get; }

    /// <summary>
    /// Whether the arbiter has not yet noted a rewrite. Until then every version of this node counts as erased.
    /// </summary>
    public bool IsRewriteUnnoted { get; set; }

    public bool IsNothingContested => Array.TrueForAll(Contested, entry => entry is null);

    /// <summary>The keys of which something waits, a bit each.</summary>
    public int Pending()
    {
        var pending = 0;
        for (var key = 0; key < Rows.Length; key++)
            if (Overwrites[key].Count > 0 || Winners[key].Count > 0 || Contested[key] is { IsPending: true })
                pending |= 1 << key;
        return pending;
    }

    public void Kill()
    {
        IsAlive = false;
        Phase = ArbiterPhase.Idle;
        (Vector, Waiting, Due, Processed) = (null, 0, 0, null);
    }
}

/// <summary>Where an arbiter is in its round.</summary>
internal enum ArbiterPhase
{
    Idle,
    Deciding,
    Writing,
    Telling,
}
