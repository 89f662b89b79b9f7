using System.Globalization;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// The conditions by which statements decide say what <see cref="PolicyRules"/> says: every combination of what a
/// decision depends on, in one SELECT on a real server.
/// </summary>
public sealed class ContentionTests
{
    private const int ThisNode = 0;
    private const int Peer = 1;
    private const uint PeersOrigin = 60005;
    private const uint ThirdOrigin = 60006;

    private static readonly Stamp Remote = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero), Peer);

    /// <summary>
    /// Local versions: earlier, at the same microsecond, and later, each of this node, the peer, a third node, and an
    /// origin whose subscription was dropped, which counts as this node; one whose stamp the server has forgotten; and
    /// one whose stamp a rewrite of the table has erased.
    /// </summary>
    private static readonly List<(Stamp? Stamp, uint? Origin)> Versions =
    [
        .. from microseconds in (int[])[-1, 0, 1]
        from origin in ((uint, int)[])[(0, ThisNode), (PeersOrigin, Peer), (ThirdOrigin, 2), (60007, ThisNode)]
        select ((Stamp?)new Stamp(Remote.Committed.AddMicroseconds(microseconds), origin.Item2), (uint?)origin.Item1),
        (null, null),
        (new Stamp(Stamp.Unknown.AddMicroseconds(700), ThisNode), 0),
    ];

    private static readonly Resolution?[] Decisions = [null, .. Enum.GetValues<Resolution>()];

    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task RemoteWins_AnyConflict_SaysWhatTheDecisionFunctionSays(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major);
        (await mesh[ThisNode].Api.PutAsync("/v1/arbiter/control")).Expect(201);
        var questions = Questions().ToList();
        var rows = (
            from version in Versions
            from decision in Decisions
            select (version.Stamp, version.Origin, Decision: decision)
        ).ToList();
        var values = rows.Select((row, n) => $"({n}, {At(row.Stamp)}, {Origin(row.Origin)}, {Word(row.Decision)})");
        await using var connection = await mesh[ThisNode].OpenAsync();

        var answers = await connection.ScalarAsync<bool[,]>(
            $"select array_agg(array[{string.Join(", ", questions.Select(question => question.Condition()))}] order by v.n) "
                + $"from (values {string.Join(", ", values)}) v (n, at, origin, decision)"
        );

        var wrong = new List<string>();
        for (var n = 0; n < rows.Count; n++)
        for (var q = 0; q < questions.Count; q++)
        {
            var (question, row) = (questions[q], rows[n]);
            var decision = question.IsDecided ? row.Decision : null;
            if (answers![n, q] != question.RemoteWins(row.Stamp, decision))
                wrong.Add($"{question} {row.Stamp?.ToString() ?? "forgotten"} {decision}: {answers[n, q]} by {question.Condition()}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
        Assert.Equal(14 * 5, rows.Count);
        Assert.Equal(2 * 2 * 6 * 8 * 2, questions.Count);
    }

    /// <summary>
    /// All but apply_error, which no statement decides. Statements ask whether the key changes only about an update of
    /// a row that another node changed later.
    /// </summary>
    private static IEnumerable<Question> Questions() =>
        from priorities in (NodePriorities[])
            [
                NodePriorities.ByNodeId,
                new(
                    new Dictionary<int, int>
                    {
                        [2] = -1,
                        [ThisNode] = 7,
                        [Peer] = 7,
                    }
                ),
            ]
        from tracksCommits in (bool[])[true, false]
        from policy in Enum.GetValues<Policy>()
        from type in Enum.GetValues<ConflictType>()
        where type != ConflictType.ApplyError
        from movesRow in type == ConflictType.UpdateOriginDiffers ? (bool[])[false, true] : [false]
        from isDecided in (bool[])[false, true]
        select new Question(priorities, tracksCommits, policy, type, movesRow, isDecided);

    /// <summary>A condition, as the statements of one table and one kind of change have it.</summary>
    private sealed record Question(
        NodePriorities Priorities,
        bool TracksCommits,
        Policy Policy,
        ConflictType Type,
        bool MovesRow,
        bool IsDecided
    )
    {
        public string Condition() => Make(Priorities, TracksCommits, Policy, Type, MovesRow, IsDecided);

        /// <summary>
        /// An update that changes the key takes its row away as a delete does, unless an operator decides.
        /// </summary>
        public bool RemoteWins(Stamp? local, Resolution? decision)
        {
            var type = MovesRow && decision is null ? ConflictType.DeleteOriginDiffers : Type;
            var contest = new Contest(Policy, type, TracksCommits ? local : null, Remote, ThisNode, Priorities)
            {
                TracksCommits = TracksCommits,
            };
            return PolicyRules.Decide(contest, decision).Outcome == Outcome.ApplyRemote;
        }

        private static string Make(
            NodePriorities priorities,
            bool tracksCommits,
            Policy policy,
            ConflictType type,
            bool moves,
            bool decided
        )
        {
            var nodes = new Dictionary<uint, int> { [PeersOrigin] = Peer, [ThirdOrigin] = 2 };
            var terms = new ApplyTerms(
                ThisNode,
                Peer,
                100,
                PeersOrigin,
                nodes,
                tracksCommits,
                AutoHeal: true,
                priorities,
                WritesPlainly: true
            );
            var target = new TargetTable(new TableName("public", "t"), 'r', "", false, true, true, policy, [], []);
            var contention = new Contention(terms, terms.PolicyOf(target), At(Remote));
            return contention.RemoteWins(
                type,
                tracksCommits ? ("v.at", "v.origin") : contention.StampOf("v"),
                decided ? "v.decision" : null,
                moves
            );
        }
    }

    private static string At(Stamp? stamp) =>
        stamp is { } known
            ? $"'{known.Committed.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}Z'::timestamptz"
            : "null::timestamptz";

    private static string Origin(uint? origin) =>
        origin is { } known ? $"{known.ToString(CultureInfo.InvariantCulture)}::oid" : "null::oid";

    private static string Word(Resolution? decision) => decision is { } known ? $"'{ConflictWords.Of(known)}'" : "null";
}
