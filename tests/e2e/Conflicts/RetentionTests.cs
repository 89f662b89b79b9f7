using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>Old conflicts leave the history.</summary>
public sealed class RetentionTests
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Retention_OldResolvedConflicts_AreDeletedAndStillCounted()
    {
        await using var mesh = await TestMesh.StartAsync(16);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await node.ExecuteAsync(
            """
            insert into trktr.history (subscription, peer, lsn, ordinal, relation, conflict_type, resolution, resolved)
            select 'trktr_sub_0_1', 1, case when n <= 2500 then '0/1' else '0/2' end::pg_lsn, n, 'shop.orders', 'insert_exists',
                'keep_local', now() - case when n <= 2500 then interval '8 days' else interval '6 days' end
            from generate_series(1, 2600) n;
            insert into trktr.history (subscription, peer, lsn, ordinal, relation, conflict_type, occurred)
            values ('trktr_sub_0_1', 1, '0/3', 1, 'shop.orders', 'insert_exists', now() - interval '1 year');
            insert into trktr.remote_transaction (subscription, lsn, xid, committed, change_count)
            select 'trktr_sub_0_1', ('0/' || n)::pg_lsn, n, now() - interval '8 days', 1
            from generate_series(1, 3) n
            """
        );

        await node.Arbiter.KillAsync();
        await node.Arbiter.ConfigureAsync(node.Server.Conninfo(TestMesh.Database), ("HistoryRetention", "7"));
        await node.Arbiter.StartAsync();

        await Eventually.TrueAsync(
            "the old ones are deleted",
            async () =>
                await node.TextAsync(
                    "select count(*) filter (where resolved is not null), count(*) filter (where resolved is null) from trktr.history"
                ) == "100|1"
                && await node.TextAsync("select string_agg(lsn::text, ' ' order by lsn) from trktr.remote_transaction") == "0/2 0/3",
            mesh.Diagnose
        );
        await Eventually.TrueAsync(
            "they are counted all the same",
            async () => (int?)(await node.Api.GetAsync("/v1/arbiter/status")).Json["conflicts_resolved"] == 2600,
            mesh.Diagnose
        );
    }
}
