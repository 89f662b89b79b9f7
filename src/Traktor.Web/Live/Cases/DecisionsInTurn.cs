using System.Globalization;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Live.Cases;

/// <summary>
/// Takes the same decision for many conflicts, each on all nodes. One after the other: of two about the same row the
/// first decides the other; deciding both in parallel could let each node keep its own row.
/// </summary>
public static class DecisionsInTurn
{
    /// <param name="cases">The conflicts, each by its node and its number there.</param>
    /// <param name="find">Finds the client of a node.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="work">Collects the results.</param>
    public static async Task DecideAsync(
        IEnumerable<(int Node, long Id)> cases,
        Func<int, IDecisionClient> find,
        HandDecision decision,
        LongWork work
    )
    {
        foreach (var (node, id) in cases)
            work.Note(await DecideAsync(find(node), id, decision));
    }

    private static async Task<NodeResult> DecideAsync(IDecisionClient client, long id, HandDecision decision)
    {
        var what = "";
        var problem = await Operator.TryAsync(async () =>
        {
            var entry = (await client.CaseAsync(id, default)).Conflict;
            if (entry is { Resolved: not null } or { Decision: not null })
            {
                what = string.Create(
                    CultureInfo.InvariantCulture,
                    $"conflict {id} was decided before, by {entry.DecidedBy ?? entry.ResolvedBy}."
                );
                return;
            }

            var report = await client.DecideAsync(id, decision, isMesh: true, default);
            what = string.Create(
                CultureInfo.InvariantCulture,
                $"conflict {id} decided.{string.Concat(report.Nodes.Where(node => node.Node != client.Node).Select(Words))}"
            );
        });
        return new NodeResult(
            client.Node,
            problem is null ? what : string.Create(CultureInfo.InvariantCulture, $"conflict {id} not decided."),
            problem
        );
    }

    private static string Words(NodeAnswer outcome) =>
        outcome.Result switch
        {
            AnswerKind.Done => string.Create(
                CultureInfo.InvariantCulture,
                $" Conflict {outcome.Conflict} of node {outcome.Node} decided too."
            ),
            AnswerKind.Nothing => "",
            _ => string.Create(CultureInfo.InvariantCulture, $" Node {outcome.Node} did not decide: {outcome.Detail}"),
        };
}
