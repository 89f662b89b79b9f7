using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// A table whose keys are contested, and an append-only one beside it that is written in the same transactions. On
/// every node a trigger that also fires for replicated rows counts how often each audit row was applied: twice shows
/// even where the rows themselves do not.
/// </summary>
internal static class AuditedTable
{
    private const string Create = """
        create table public.item (id int primary key, name text not null);
        create table public.audit (id text primary key, said text);
        create table public.applied (id text not null);
        create function public.note() returns trigger language plpgsql as '
        begin
            insert into public.applied values (new.id);
            return null;
        end';
        create trigger note after insert or update on public.audit for each row execute function public.note();
        alter table public.audit enable always trigger note;
        """;

    public static async Task CreateAsync(TestMesh mesh)
    {
        await mesh.EverywhereAsync(Create);
        foreach (var node in mesh.Nodes)
        foreach (var table in (string[])["public.item", "public.audit"])
            (await node.Api.PutAsync($"/v1/arbiter/replicaset/{table}")).Expect(201);
        foreach (var node in mesh.Nodes)
            (await node.Api.PatchAsync("/v1/arbiter/replicaset")).Expect(200);
        await mesh.AgreeAsync(
            "select count(*) from pg_subscription_rel where srrelid in ('public.item'::regclass, 'public.audit'::regclass)",
            $"{2 * (mesh.Nodes.Count - 1)}"
        );
    }

    /// <summary>One transaction that claims a key and says so.</summary>
    public static string Claim(int key, int node) =>
        $"begin; insert into item values ({key}, 'node {node}'); insert into audit values ('{node}/{key}', 'claimed'); commit";

    /// <summary>Equal tables, nothing lost, nothing twice.</summary>
    public static async Task CheckAsync(TestMesh mesh, IReadOnlyCollection<string> acknowledged, TimeSpan? atMost = null)
    {
        await Split.AwaitEqualAsync(mesh, "audit", atMost);
        await Split.AwaitEqualAsync(mesh, "item", atMost);
        foreach (var node in mesh.Nodes)
        {
            var ids = (await node.TextAsync("select id from audit")).Split('\n').ToHashSet();
            Assert.DoesNotContain(acknowledged, id => !ids.Contains(id));
            Assert.Equal("", await node.TextAsync("select id, count(*) from applied group by id having count(*) <> 1"));
            Assert.Equal("", await node.TextAsync("select id from audit where id not in (select id from applied)"));
            Assert.Equal(
                "",
                await node.TextAsync(
                    "select relation, key, count(*) from trktr.history group by relation, key, remote_stamp, remote_origin "
                        + "having count(*) > 1"
                )
            );
            Assert.Equal("", await node.TextAsync("select * from trktr.history where relation <> 'public.item' or resolved is null"));
        }
    }
}
