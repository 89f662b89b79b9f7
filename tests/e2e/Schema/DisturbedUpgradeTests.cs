using Traktor.E2ETests.Sandbox;
using Traktor.Engine;
using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Schema;

/// <summary>An upgrade while others are at work: killed, in the way of applications, or begun twice.</summary>
public sealed class DisturbedUpgradeTests(SchemaServers servers) : IClassFixture<SchemaServers>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task Upgrade_KilledInTheMiddle_ChangesNothingAndCanBeRepeated()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);
        var before = await node.CatalogAsync();
        // The last of the scripts waits for a lock; all others have run.
        await using var application = await node.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync();
        await application.ExecuteAsync("select from trktr.contested_key");

        const string Kill =
            "select coalesce(bool_or(pg_terminate_backend(pid)), false) from pg_locks where relation = "
            + "'trktr.contested_key'::regclass and not granted";
        // On a slow machine it may have given up the lock before it is killed.
        for (var isKilled = false; !isKilled; )
        {
            var upgrade = node.Release(NextRelease.Scripts).UpgradeAsync(Never);
            await Eventually.TrueAsync(
                "the upgrade waits for the lock",
                async () => (isKilled = await node.ScalarAsync<bool>(Kill)) || upgrade.IsCompleted
            );
            await Assert.ThrowsAsync<RefusedException>(() => upgrade);
        }

        await transaction.RollbackAsync();

        Assert.Equal(before, await node.CatalogAsync());
        Assert.Equal(1, await node.Release(NextRelease.Scripts).UpgradeAsync(Never));
    }

    [Fact]
    public async Task Upgrade_TableInUse_GivesUpSoonAndNamesTheLine()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);
        var before = await node.CatalogAsync();
        await using var application = await node.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync();
        await application.ExecuteAsync("select from trktr.node");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => node.Release(NextRelease.Scripts).UpgradeAsync(Never));

        Assert.Equal(RefusalKind.Conflict, refused.Kind);
        Assert.StartsWith("Schema/Migrations/002_add_notes.sql, line 2: ", refused.Message, StringComparison.Ordinal);
        await transaction.RollbackAsync();
        Assert.Equal(before, await node.CatalogAsync());
    }

    [Fact]
    public async Task Upgrade_TwoArbitersAtOnce_OneDoesIt()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);

        // Both wait for a third that is at it.
        await using var third = await node.OpenAsync();
        await using var transaction = await third.BeginTransactionAsync();
        await SchemaInstaller.LockAsync(third, Never);
        var upgrades = Task.WhenAll(
            Enumerable.Range(0, 2).Select(_ => Task.Run(() => node.Release(NextRelease.Scripts).UpgradeAsync(Never)))
        );
        await Eventually.TrueAsync(
            "both wait",
            async () =>
                await node.ScalarAsync<bool>(
                    "select count(*) = 2 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
                        + "and query like 'lock table trktr.node_lock%'"
                )
        );
        await transaction.RollbackAsync();
        var both = await upgrades;

        Assert.Equal([null, 1], both.Order());
    }

    [Fact]
    public async Task Initialize_TwoArbitersAtOnce_OneDoesIt()
    {
        await using var node = await servers.CreateAsync(18);

        var both = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(_ => Task.Run(() => node.Release(SchemaScripts.Release).InitializeAsync(Never)))
        );

        Assert.Equal([false, true], both.Select(report => report.Created).Order());
    }

    [Fact]
    public async Task Upgrade_WhileApplicationsRunItsFunctions_NoneFails()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);
        await node.ExecuteAsync(
            """
            create table public.busy (id int primary key);
            insert into public.busy values (0);
            create trigger trktr_detect_key_change
            after update of id on public.busy
            for each row execute function trktr.detect_key_change('public', 'busy', 'id');
            create trigger trktr_mark
            before update on public.busy
            for each statement execute function trktr.mark_transaction('0')
            """
        );
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(async () =>
        {
            await using var connection = await node.OpenAsync();
            while (!stop.IsCancellationRequested)
            {
                await connection.ExecuteAsync("update public.busy set id = id + 1");
                Interlocked.Increment(ref written);
            }
        });
        // Each replaces every function that the triggers run.
        string[] functions = ["detect_key_change", "image", "escape_json", "key_of", "mark_transaction"];
        for (var round = 1; round <= 10; round++)
        {
            var seen = Volatile.Read(ref written);
            await Eventually.TrueAsync(
                "the application writes",
                () => Task.FromResult(writer.IsCompleted || Volatile.Read(ref written) > seen)
            );
            var changed = functions
                .Select(function => NextRelease.Script($"Schema/Functions/{function}.sql"))
                .Select(script => script with { Text = $"{script.Text}-- {round}\n" });
            Assert.Equal(1, await node.Release(NextRelease.With([.. changed])).UpgradeAsync(Never));
        }

        await stop.CancelAsync();
        await writer;
        Assert.Equal(written, await node.ScalarAsync<long>("select count(*) from trktr.overwrite_log"));
        Assert.Equal(written, await node.ScalarAsync<long>("select count(*) from trktr.origin_mark"));
    }
}
