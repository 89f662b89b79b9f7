using Npgsql;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// Any role can take any advisory lock, and see which there are. One that takes the arbiter's stops nothing: no
/// convergence, no commit, no subscription; and it cannot make the triggers believe that nothing is contested.
/// </summary>
public sealed class LocksTests
{
    private const string Table = "public.item";

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Stranger_WithEveryLockThatThereIs_StopsNothingAndIsNamed()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync(Table, $"create table {Table} (id integer primary key, note text)");
        await mesh.EverywhereAsync("create role mallory login password 'of-mallory'");
        await mesh[0].ExecuteAsync($"insert into {Table} select i, 'before' from generate_series(1, 20) i");
        await Split.AwaitEqualAsync(mesh, Table);

        await using var strangers = new Strangers();
        foreach (var node in mesh.Nodes)
        {
            await strangers.QueueForLocksAsync(node);
            await node.Arbiter.KillAsync();
        }

        // The server ends the sessions of killed arbiters, and their locks become the strangers'.
        foreach (var node in mesh.Nodes)
        {
            await node.AwaitTextAsync(
                "select count(*) > 0 from pg_locks where locktype = 'advisory' and granted and pid in "
                    + "(select pid from pg_stat_activity where usename = 'mallory')",
                "True"
            );
            await node.Arbiter.StartAsync();
        }

        Split.Cut(mesh, 1);
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync($"update {Table} set note = 'of {node.Id}' where id % 2 = 0");
        Split.Heal(mesh, 1);
        await Split.AwaitEqualAsync(mesh, Table);
        await mesh.AgreeAsync($"select distinct note from {Table} where id % 2 = 0", "of 1");
        await mesh.ReplicateAsync("public.later", "create table public.later (id integer primary key)");
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 1 })).Expect(200);
        await mesh.SubscribeAsync(0, 1);
        foreach (var node in mesh.Nodes)
            Assert.Contains(node.Arbiter.Log, line => line.Contains("was held by role mallory, process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stranger_TellsTheTriggersThatNothingIsContested_IsRefused()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh[0].ExecuteAsync("create role mallory login password 'of-mallory'");
        await using var mallory = await Strangers.OpenAsync(mesh[0]);
        foreach (
            var statement in (string[])
                [
                    "select setval('trktr.nothing_contested', 1)",
                    "select nextval('trktr.nothing_contested')",
                    "select from trktr.node_lock for update",
                    "begin; lock table trktr.node_lock in access share mode",
                    "rollback; begin; lock table trktr.contested_key in row exclusive mode",
                ]
        )
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => mallory.ExecuteAsync(statement));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    /// <summary>Sessions of a role without any privileges that hold advisory locks, or wait for them.</summary>
    private sealed class Strangers : IAsyncDisposable
    {
        private readonly List<NpgsqlConnection> sessions = [];
        private readonly List<Task> waits = [];

        public static Task<NpgsqlConnection> OpenAsync(MeshNode node) => node.OpenAsAsync("mallory", "of-mallory");

        /// <summary>
        /// One session for each advisory lock that <c>pg_locks</c> shows: it waits for it, exclusive.
        /// </summary>
        public async Task QueueForLocksAsync(MeshNode node)
        {
            var keys = await node.TextAsync(
                "select distinct classid::bigint << 32 | objid::bigint from pg_locks where locktype = 'advisory' and objsubid = 1"
            );
            Assert.NotEqual("", keys);
            foreach (var key in keys.Split('\n'))
            {
                var session = await OpenAsync(node);
                sessions.Add(session);
                waits.Add(session.ExecuteAsync($"select pg_advisory_lock({key})"));
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var session in sessions)
                await session.DisposeAsync();
            await Task.WhenAll(waits).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
