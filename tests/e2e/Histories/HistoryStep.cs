namespace Traktor.E2ETests.Histories;

/// <summary>What happens at one point of a random history.</summary>
internal enum HistoryStepKind
{
    /// <summary>One transaction of one to four rows on a node.</summary>
    Write,

    /// <summary>Every node writes the same key at the same time.</summary>
    Burst,

    /// <summary>A while passes.</summary>
    Pause,

    /// <summary>A directed link holds everything back for a while.</summary>
    Delay,

    /// <summary>A directed link is cut.</summary>
    CutLink,

    /// <summary>A node is cut off from all others, both ways.</summary>
    Isolate,

    /// <summary>All links work again, without delay.</summary>
    Reconnect,

    /// <summary>An operator pauses a subscription.</summary>
    PauseSubscription,

    /// <summary>All subscriptions are resumed.</summary>
    ResumeSubscriptions,

    /// <summary>kill -9 of an arbiter, and its next start.</summary>
    KillArbiter,

    /// <summary>kill -9 of a server, and its next start.</summary>
    KillServer,
}

/// <summary>One step, whole: <paramref name="Seed"/> decides what it does in detail.</summary>
internal sealed record HistoryStep(HistoryStepKind Kind, int Node, int Other, int Milliseconds, int Seed)
{
    /// <summary>The steps of a seed; always the same ones.</summary>
    public static IReadOnlyList<HistoryStep> Of(int seed, int nodes)
    {
        var random = new Random(seed);
        // How much of each kind there is differs from seed to seed: calm ones, stormy ones, and some without any kill.
        var (writes, bursts, links, kills) = (40 + random.Next(40), random.Next(12), random.Next(14), random.Next(4));
        var kinds = Enumerable
            .Repeat(HistoryStepKind.Write, writes)
            .Concat(Enumerable.Repeat(HistoryStepKind.Burst, bursts))
            .Concat(Enumerable.Repeat(HistoryStepKind.Pause, 8))
            .Concat(
                Enumerable
                    .Range(0, links)
                    .Select(_ => (HistoryStepKind)random.Next((int)HistoryStepKind.Delay, (int)HistoryStepKind.ResumeSubscriptions + 1))
            )
            .Concat(
                Enumerable
                    .Range(0, kills)
                    .Select(_ => (HistoryStepKind)random.Next((int)HistoryStepKind.KillArbiter, (int)HistoryStepKind.KillServer + 1))
            )
            .ToArray();
        random.Shuffle(kinds);
        return
        [
            .. kinds.Select(kind =>
            {
                var node = random.Next(nodes);
                return new HistoryStep(kind, node, (node + 1 + random.Next(nodes - 1)) % nodes, random.Next(20, 400), random.Next());
            }),
        ];
    }
}
