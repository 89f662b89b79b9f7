using System.Diagnostics;
using System.Globalization;

namespace Traktor.E2ETests.Conflicts;

/// <summary>
/// A thousand conflicts a second for half a minute, and twenty who listen: nobody loses one, and memory stays bounded.
/// </summary>
public sealed class FeedLoadTests(ConflictMesh conflicts, Xunit.Abstractions.ITestOutputHelper output) : IClassFixture<ConflictMesh>
{
    private const int Seconds = 30;
    private const int Listeners = 20;

    // What twenty listeners and all that is held of two nodes may take, beside what the arbiter takes at rest.
    private const long MostMemory = 400L << 20;

    [Fact]
    [Trait("Tier", "all")]
    public async Task ThousandASecond_TwentyListeners_LoseNothing()
    {
        var listeners = new List<HubListener>();
        try
        {
            for (var i = 0; i < Listeners; i++)
                listeners.Add(await HubListener.StartAsync(conflicts.Mesh[0].Api.Address));
            foreach (var listener in listeners)
                await Eventually.TrueAsync("it is told of both nodes", () => listener.Positions.Count == 2);
            using var arbiter = Process.GetProcessById(conflicts.Mesh[0].Arbiter.Pid);
            var clock = Stopwatch.StartNew();
            await using var connection = await conflicts.Mesh[0].OpenAsync();
            for (var batch = 0; batch < Seconds * 10; batch++)
            {
                await Sandbox.SandboxConnection.ExecuteAsync(
                    connection,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""
                        insert into trktr.history (
                            subscription, peer, lsn, ordinal,
                            relation, conflict_type, operation, key,
                            local_row, remote_row,
                            policy, outcome, resolution, resolved, resolved_by)
                        select
                            'trktr_sub_0_1', 1, ('1/' || to_hex({{batch}} * 100 + i))::pg_lsn, 1,
                            '{{ConflictMesh.Table}}', 'insert_exists', 'insert', jsonb_build_object('id', {{batch}} * 100 + i),
                            jsonb_build_object('id', i, 'payload', repeat('x', 200)),
                            jsonb_build_object('id', i, 'payload', repeat('y', 200)),
                            'last_update_wins', 'apply_remote', 'apply_remote', clock_timestamp(), 'last_update_wins'
                        from generate_series(1, 100) i
                        """
                    )
                );
                // Only paces the writer: nothing is asserted about it.
                if (TimeSpan.FromMilliseconds(100 * (batch + 1)) - clock.Elapsed is { Ticks: > 0 } rest)
                    await Task.Delay(rest);
            }

            output.WriteLine($"{Seconds * 1000} conflicts in {clock.Elapsed.TotalSeconds:0.0} s");
            var last = await conflicts.Mesh[0].ScalarAsync<long>("select max(id) from trktr.history");
            var all = await conflicts.Mesh[0].ScalarAsync<long>("select count(*) from trktr.history");
            foreach (var listener in listeners)
            {
                await listener.AwaitAsync(0, last, diagnose: conflicts.Mesh.Diagnose);
                Assert.Equal(all, listener.Seen.Keys.Count(name => name.Node == 0));
                Assert.DoesNotContain(listener.Messages, message => message.GetProperty("gap").GetBoolean());
            }

            arbiter.Refresh();
            output.WriteLine($"The arbiter's peak is {arbiter.PeakWorkingSet64 >> 20} MB");
            Assert.True(arbiter.PeakWorkingSet64 < MostMemory, $"The arbiter's peak is {arbiter.PeakWorkingSet64 >> 20} MB.");
        }
        finally
        {
            foreach (var listener in listeners)
                await listener.DisposeAsync();
        }
    }
}
