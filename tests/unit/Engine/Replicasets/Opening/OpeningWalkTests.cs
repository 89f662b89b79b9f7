using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.UnitTests.Engine.Replicasets.Opening;

/// <summary>
/// Random walks through joins, departures, pauses, missing tables, silent arbiters, force and second commits: no hole
/// is ever opened, and nobody waits for ever.
/// </summary>
public sealed class OpeningWalkTests
{
    private const int Walks = 4000;
    private const int Length = 250;

    [Fact]
    public void Next_AnyWalk_DropsNoRowAndNotesWhoLacksSome()
    {
        if (FirstFailure(OpeningStep.Next) is { } failure)
            Assert.Fail(failure);
    }

    [Fact]
    public void Walk_OpenedWhenAllAreMerelyAble_IsCaught() =>
        Assert.NotNull(
            FirstFailure(
                (entry, subscribers) =>
                    subscribers.All(node => entry.Words.GetValueOrDefault(node)?.Stage is Stage.Able or Stage.Subscribed)
                        ? new OpeningStep(OpeningAction.Open, [])
                        : OpeningStep.Next(entry, subscribers)
            )
        );

    [Fact]
    public void Walk_OpenedAheadOfAPeerThatIsNotSubscribed_IsCaught() =>
        Assert.NotNull(
            FirstFailure(
                (entry, subscribers) =>
                    OpeningStep.Next(entry, subscribers) is { Action: OpeningAction.OpenAhead } step
                        ? step with
                        {
                            Nodes = [.. subscribers.Except(entry.AheadOpen)],
                        }
                        : OpeningStep.Next(entry, subscribers)
            )
        );

    [Fact]
    public void Walk_NeverWithdrawn_IsCaught() =>
        Assert.NotNull(
            FirstFailure(
                (entry, subscribers) =>
                    OpeningStep.Next(entry, subscribers) is { Action: OpeningAction.Withdraw or OpeningAction.Close }
                        ? new OpeningStep(OpeningAction.Wait, [])
                        : OpeningStep.Next(entry, subscribers)
            )
        );

    private static string? FirstFailure(Func<ReplicasetEntry, IReadOnlyCollection<int>, OpeningStep> decide) =>
        Enumerable.Range(1, Walks).Select(seed => Walk(seed, decide)).FirstOrDefault(failure => failure is not null);

    private static string? Walk(int seed, Func<ReplicasetEntry, IReadOnlyCollection<int>, OpeningStep> decide)
    {
        var random = new Random(seed);
        var world = new OpeningWorld(random, peers: random.Next(1, 5), decide);
        world.Begin();
        for (var step = 0; step < Length && WhatIsWrong(world) is null; step++)
            world.Happen();
        var wrong = WhatIsWrong(world);
        if (wrong is null)
        {
            world.Hint();
            wrong =
                WhatIsWrong(world)
                ?? (
                    world.IsOpenToAll && world.Peers.All(peer => peer.HasTable)
                        ? null
                        : "everybody can take the table, and it is not open to all"
                );
        }

        return wrong is null ? null : $"Walk {seed}: {wrong}.\n{string.Join('\n', world.Log.TakeLast(40))}";
    }

    private static string? WhatIsWrong(OpeningWorld world)
    {
        if (world.Peers.FirstOrDefault(peer => peer.Dropped.Count > 0) is { } hole)
            return $"row {hole.Dropped[0]} was sent to node {hole.Node}, whose subscription did not have the table";
        return world.Peers.FirstOrDefault(peer => peer.HasReceived && peer.Missed.Count > 0 && !world.IsNoted(peer.Node)) is { } unnoted
            ? $"node {unnoted.Node} receives, lacks row {unnoted.Missed[0]} of a committed table, and nobody says so"
            : null;
    }
}
