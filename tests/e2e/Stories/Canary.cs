using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>A table that hostile input wants to drop, and all else in a node that a call could change.</summary>
internal sealed class Canary(MeshNode node)
{
    private string before = "";

    public async Task StartAsync()
    {
        await node.ExecuteAsync("create table if not exists canary (id int primary key)");
        before = await StateAsync();
    }

    public async Task AssertUntouchedAsync() => Assert.Equal(before, await StateAsync());

    private Task<string> StateAsync() =>
        node.TextAsync(
            """
            select
                'canary',
                to_regclass('public.canary') is not null,
                (select string_agg(subname || subconninfo || subenabled, ',' order by subname) from pg_subscription),
                (select string_agg(prrelid::regclass::text, ',' order by 1) from pg_publication_rel),
                (select count(*) from pg_replication_slots),
                (select count(*) from trktr.replicaset),
                (select count(*) from trktr.orphaned_slot),
                (select count(*) from pg_class where relname !~ '^pg_toast')
            """
        );
}
