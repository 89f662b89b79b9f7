using System.Globalization;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;

namespace Traktor.E2ETests.Healing;

/// <summary>The conditions that decide inside the server say what the engine's decision function says.</summary>
public sealed class ContentionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task RemoteWins_AnyPolicyTypeAndStamps_SaysWhatTheDecisionFunctionSays()
    {
        await using var sandbox = await TestSandbox.CreateAsync();
        var server = await sandbox.StartServerAsync(18);
        await using var connection = await SandboxConnection.OpenAsync(server);
        await connection.ExecuteAsync(
            "create schema trktr; create function trktr.node_of(origin oid) returns integer language sql as 'select null::integer'"
        );
        var nodes = new Dictionary<uint, int> { [5] = 1, [6] = 2 };
        var compared = 0;
        foreach (
            var priorities in (NodePriorities[])
                [
                    NodePriorities.ByNodeId,
                    new(
                        new Dictionary<int, int>
                        {
                            [2] = -1,
                            [0] = 7,
                            [1] = 7,
                        }
                    ),
                ]
        )
        {
            var terms = new ApplyTerms(0, 1, 100, 5, nodes, TracksCommits: true, AutoHeal: true, priorities, WritesPlainly: true);
            foreach (var policy in Enum.GetValues<Policy>())
            foreach (
                var type in (ConflictType[])
                    [
                        ConflictType.InsertExists,
                        ConflictType.UpdateOriginDiffers,
                        ConflictType.DeleteOriginDiffers,
                        ConflictType.UpdateMissing,
                        ConflictType.DeleteMissing,
                    ]
            )
            foreach (
                var (seconds, origin, node) in ((int?, int, int)[])
                    [(-1, 0, 0), (0, 0, 0), (1, 0, 0), (-1, 6, 2), (0, 6, 2), (1, 6, 2), (null, 0, 0)]
            )
            {
                Stamp? local = seconds is { } offset ? new Stamp(Noon.AddSeconds(offset), node) : null;
                var outcome = PolicyRules.Decide(new Contest(policy, type, local, new Stamp(Noon, 1), 0, priorities)).Outcome;
                var at = local is { } stamp
                    ? $"'{stamp.Committed.ToString("O", CultureInfo.InvariantCulture)}'::timestamptz"
                    : "null::timestamptz";
                var condition = new Contention(terms, policy, "'2026-11-23 12:00:00+00'::timestamptz").RemoteWins(
                    type,
                    (at, $"{origin}::oid")
                );
                Assert.True(
                    await connection.ScalarAsync<bool>($"select {condition}") == (outcome == Outcome.ApplyRemote),
                    $"{policy} {type} {local} against {Noon} of node 1: {outcome}, but {condition}"
                );
                compared++;
            }
        }

        Assert.Equal(2 * 6 * 5 * 7, compared);
    }
}
