using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Web.Live.Cases;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.UnitTests.Web.Live.Works;

public sealed class LongWorksTests
{
    private readonly LongWorks works = new(NullLogger<LongWorks>.Instance);

    [Fact]
    public async Task Start_WhileOneGoesOn_BeginsNoOther()
    {
        var gate = new TaskCompletionSource();
        var first = works.Start("a", 1, _ => gate.Task);
        Assert.Same(first, works.Start("a", 1, _ => throw new InvalidOperationException("A second one ran.")));
        Assert.True(works.Find("a")!.IsRunning);
        works.Dismiss(first);
        Assert.Same(first, works.Find("a"));

        await EndAsync(first, gate.SetResult);
        works.Dismiss(first);
        Assert.Null(works.Find("a"));
    }

    [Fact]
    public async Task Start_WorkThatFails_Ends()
    {
        var gate = new TaskCompletionSource();
        var work = works.Start("a", 1, _ => gate.Task);
        await EndAsync(work, () => gate.SetException(new InvalidOperationException("A defect.")));
        Assert.False(work.IsRunning);
    }

    [Fact]
    public async Task DecisionsInTurn_MirroredConflict_IsDecidedOnceWithTheFirst()
    {
        var decided = new List<(int, long)>();
        var clients = new Dictionary<int, Client> { [0] = new(0, decided), [1] = new(1, decided) };
        (clients[0].Mirror, clients[1].Mirror) = (clients[1], clients[0]);
        clients[0].Refused.Add(8);
        var gate = new TaskCompletionSource();
        var work = works.Start(
            "a",
            3,
            async work =>
            {
                await DecisionsInTurn.DecideAsync(
                    [(0, 7L), (1, 7L), (0, 8L)],
                    node => clients[node],
                    new HandDecision(Resolution.KeepLocal, null, "x"),
                    work
                );
                await gate.Task;
            }
        );
        await EndAsync(work, gate.SetResult);

        Assert.Equal([(0, 7L)], decided);
        Assert.Equal(
            [
                "conflict 7 decided. Conflict 7 of node 1 decided too.",
                "conflict 7 was decided before, by x, on node 0.",
                "conflict 8 not decided.",
            ],
            work.Results.Select(result => result.What)
        );
        Assert.Equal([null, null, "It was changed."], work.Results.Select(result => result.Problem));
    }

    private static async Task EndAsync(LongWork work, Action end)
    {
        var ended = new TaskCompletionSource();
        work.Changed += () =>
        {
            if (!work.IsRunning)
                ended.TrySetResult();
        };
        end();
        if (work.IsRunning)
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>An arbiter that decides its mirror's conflict with its own.</summary>
    private sealed class Client(int node, List<(int, long)> decided) : IDecisionClient
    {
        private readonly Dictionary<long, string> by = [];

        public Client? Mirror { get; set; }

        public HashSet<long> Refused { get; } = [];

        public int Node => node;

        public Task<ConflictCase> CaseAsync(long id, CancellationToken cancel) =>
            Task.FromResult(
                new ConflictCase(
                    node,
                    SomeCase.Entry(id) with
                    {
                        Decision = by.ContainsKey(id) ? Resolution.ApplyRemote : null,
                        DecidedBy = by.GetValueOrDefault(id),
                    },
                    null,
                    []
                )
            );

        public Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel)
        {
            if (Refused.Contains(id))
                throw RefusedException.Conflict("It was changed.");
            decided.Add((node, id));
            by[id] = decision.By ?? "";
            Mirror!.by[id] = $"{decision.By}, on node {node}";
            return Task.FromResult(
                new DecisionReport(
                    node,
                    SomeCase.Entry(id),
                    [],
                    [
                        new NodeAnswer(node, AnswerKind.Done, id, decision.Resolution),
                        new NodeAnswer(Mirror.Node, AnswerKind.Done, id, Resolution.ApplyRemote),
                    ]
                )
            );
        }
    }
}
