using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>
/// A mesh under a random schedule: streams are in order each, and one beside another; an update or delete of a row that
/// is not there is dropped without a word; an arbiter is killed between any two of its transactions; clocks are apart,
/// and jump. What is decided is decided by the engine's own functions.
/// </summary>
internal sealed partial class SimulatedMesh
{
    private const int MostSteps = 4000;
    private const long Day = 2048L * 31_000_000_000_000;

    private static readonly string[] Images =
    [
        .. Enumerable.Range(0, 256 * 256).Select(i => new string([(char)(i >> 8), (char)(i & 255)])),
    ];

    private readonly Choices choices;
    private readonly SimulatedRules rules;
    private readonly SimulatedNode[] nodes;
    private readonly int keys;
    private readonly bool jumps;
    private readonly bool kills;
    private readonly bool isHurried;
    private readonly int largeKeys;
    private readonly Dictionary<(int Operation, int Key), Truth> truths = [];
    private readonly RowVersion?[] latest;
    private long time;
    private int operation;
    private int left;
    private char nextValue = 'A';

    private SimulatedMesh(Choices choices, SimulatedRules rules)
    {
        (this.choices, this.rules) = (choices, rules);
        var count =
            3
            - (
                choices.Next(5) switch
                {
                    0 or 1 => 0,
                    2 or 3 => 1,
                    _ => -1,
                }
            );
        keys = 1 + choices.Next(3);
        left = 4 + choices.Next(15);
        var skew = choices.Next(3) switch
        {
            0 => 0,
            1 => 5,
            _ => 30,
        };
        jumps = choices.Next(3) == 2;
        kills = choices.Next(3) == 2;
        isHurried = choices.Next(2) == 1;
        largeKeys = choices.Next(3) == 2 && !rules.Rewrites ? 0b010101 : 0;
        latest = new RowVersion?[keys];
        nodes = new SimulatedNode[count];
        for (var id = 0; id < count; id++)
            nodes[id] = new SimulatedNode(id, count, keys) { Skew = skew == 0 ? 0 : choices.Next(2 * skew) - skew };
        Skew = skew;
    }

    public int Skew { get; }

    /// <summary>Keys that came back though the last that happened to them was a delete.</summary>
    public int Revived { get; private set; }

    /// <summary>Keys that are not as the last writer left them, because a rewrite had erased its stamp.</summary>
    public int Overturned { get; private set; }

    public int WinnersSent { get; private set; }

    public int Applied { get; private set; }

    public int Logged { get; private set; }

    public List<string>? Trace { get; init; }

    /// <summary>Plays a history; returns what went wrong, or null.</summary>
    public static string? Play(Choices choices, SimulatedRules rules, List<string>? trace = null, SimulationCounts? counts = null)
    {
        var mesh = new SimulatedMesh(choices, rules) { Trace = trace };
        var failure = mesh.Play();
        counts?.Add(mesh.WinnersSent, mesh.Applied, mesh.Logged, mesh.operation, mesh.Revived, mesh.Overturned);
        return failure;
    }

    private string? Play()
    {
        for (var step = 0; Step(); step++)
            if (step > MostSteps)
                return "it does not come to rest";
        for (var round = 0; round < 14 && (round < 2 || !Array.TrueForAll(nodes, node => node.IsNothingContested)); round++)
            if (!Rest())
                return "it does not come to rest";
        return WhatIsWrong();
    }

    private void Log(string line) => Trace?.Add(line);

    private bool Step()
    {
        var isOver = left == 0 || choices.IsExhausted;
        var n = nodes.Length;
        int network = 0,
            arbiters = 0,
            weight = 0;
        Span<int> links = stackalloc int[n * n];
        Span<int> working = stackalloc int[n];
        for (var from = 0; from < n; from++)
        for (var to = 0; to < n; to++)
            if (
                from != to
                && nodes[to].Position[from] < nodes[from].Stream.Count
                && (nodes[from].Stream[nodes[to].Position[from]].Keys & nodes[to].Locked) == 0
            )
                links[network++] = (from * n) + to;
        foreach (var node in nodes)
            if (node.IsAlive && (node.Phase != ArbiterPhase.Idle || !isOver || node.Pending() != 0) && !IsBlocked(node))
                working[arbiters++] = node.Id;
        var open = Array.FindIndex(nodes, node => node.OpenXid != 0);
        var dead = Array.FindIndex(nodes, node => !node.IsAlive);

        var byNetwork = weight += network > 0 ? 40 : 0;
        var byArbiter = weight += arbiters > 0 ? (isHurried ? 40 : 24) : 0;
        var byCommit = weight += open >= 0 ? 8 : 0;
        var byRestart = weight += dead >= 0 ? 3 : 0;
        var byOperation = weight += isOver ? 0 : 20;
        var byKill = weight += isOver || !kills ? 0 : 5;
        var byJump = weight += isOver || !jumps ? 0 : 2;
        var byRewrite = weight += isOver || !rules.Rewrites ? 0 : 4;
        if (weight == 0)
            return false;
        var drawn = choices.Next(weight);
        if (drawn < byNetwork)
            Deliver(links[choices.Next(network)]);
        else if (drawn < byArbiter)
            Arbitrate(nodes[working[choices.Next(arbiters)]]);
        else if (drawn < byCommit)
            CommitOpen(nodes[open]);
        else if (drawn < byRestart)
            nodes[dead].IsAlive = true;
        else if (drawn < byOperation)
            Operate(nodes[choices.Next(n)]);
        else if (drawn < byKill)
            Kill(nodes[choices.Next(n)]);
        else if (drawn < byJump)
            Jump(nodes[choices.Next(n)]);
        else if (drawn < byRewrite)
            Rewrite(nodes[choices.Next(n)]);
        return true;
    }

    private void Kill(SimulatedNode node)
    {
        Log($"arbiter {node.Id} is killed");
        node.Kill();
    }

    private void Jump(SimulatedNode node)
    {
        node.Skew = choices.Next(2 * (Skew + 20)) - (Skew + 20);
        Log($"clock of {node.Id} jumps to {node.Skew}");
    }

    /// <summary>
    /// ALTER TABLE gives every row of a node a new xmin. It waits for open transactions.
    /// </summary>
    private void Rewrite(SimulatedNode node)
    {
        if (node.OpenXid != 0)
            return;
        var (stamp, xid) = (Commit(node), ++node.Xid);
        Log($"node {node.Id} rewrites its table");
        for (var key = 0; key < keys; key++)
            if (node.Written(key) is { } row)
                Erase(node, key, row, stamp, xid);
        node.IsRewriteUnnoted = true;
    }

    private void Erase(SimulatedNode node, int key, RowVersion row, Stamp stamp, ulong xid)
    {
        node.Erased[key] = row;
        node.ErasedBy[key] = node.Xmin[key] = xid;
        node.Rows[key] = new RowVersion(rules.Rewritten(stamp, xid), row.Image);
    }

    /// <summary>Nobody writes any more: every arbiter makes one round, and everything is delivered.</summary>
    private bool Rest()
    {
        var steps = 0;
        foreach (var node in nodes)
        {
            do
            {
                if (!IsBlocked(node))
                    Arbitrate(node);
            } while (node.Phase != ArbiterPhase.Idle && ++steps < MostSteps);
        }

        for (var link = 0; link < nodes.Length * nodes.Length; link++)
            while (
                link / nodes.Length != link % nodes.Length
                && nodes[link % nodes.Length].Position[link / nodes.Length] < nodes[link / nodes.Length].Stream.Count
            )
                Deliver(link);
        return steps < MostSteps;
    }
}
