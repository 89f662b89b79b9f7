namespace Traktor.E2ETests.Mesh;

/// <summary>
/// A mesh of the pool, with what it looked like when it was new. It is lent again only when it looks like that again:
/// not when a server or an arbiter was killed or restarted, and not when any assertion failed while it was out.
/// </summary>
internal sealed class MeshLease
{
    /// <summary>
    /// What a case may leave in a database once its node has left the mesh; what else it leaves, the comparison finds.
    /// </summary>
    private const string Clean = """
        do $$
        declare
            name text;
        begin
            for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') loop
                execute format('drop schema %I cascade', name);
            end loop;
            drop schema public cascade;
            create schema public authorization pg_database_owner;
            grant usage on schema public to public;
            for name in select rolname from pg_roles where rolname !~ '^pg_' and rolname <> current_user loop
                execute format('drop owned by %I cascade', name);
                execute format('drop role %I', name);
            end loop;
            execute format('alter database %I reset all', current_database());
            perform pg_stat_reset();
        end
        $$
        """;

    private const string Server = """
        select pg_postmaster_start_time()
        union all
        select null
        where exists (
            select
            from pg_stat_activity
            where application_name = 'test'
              and state <> 'idle'
              and pid <> pg_backend_pid()
        )
        """;

    private const string Settings = "select name, setting from pg_settings where source = 'configuration file' order by 1";

    private readonly string[] looks;
    private int failures;

    private MeshLease(string shape, TestMesh mesh, string[] looks)
    {
        Shape = shape;
        Mesh = mesh;
        this.looks = looks;
        mesh.Lend(this);
    }

    /// <summary>Its majors, as in <c>16+18</c>.</summary>
    public string Shape { get; }

    public TestMesh Mesh { get; }

    public static async Task<MeshLease> CreateAsync(string shape, TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync(Clean);
        return new MeshLease(shape, mesh, await LookAsync(mesh));
    }

    /// <summary>Lends it.</summary>
    public TestMesh Begin()
    {
        failures = MeshPool.Failures;
        foreach (var node in Mesh.Nodes)
            node.Arbiter.Wake();
        return Mesh;
    }

    /// <summary>Makes it what it was and keeps it, or throws it away.</summary>
    public async Task ReturnAsync()
    {
        var leaks = Mesh.Leaks().ToList();
        if (await TryResetAsync())
        {
            foreach (var node in Mesh.Nodes)
            {
                node.Arbiter.Forget();
                // Its loops would cost those that run the more the more of them wait.
                node.Arbiter.Suspend();
            }

            await MeshPool.KeepAsync(this);
        }
        else
        {
            await Mesh.DestroyAsync();
        }

        Assert.Empty(leaks);
    }

    private async Task<bool> TryResetAsync()
    {
        Mesh.HealLinks();
        if (
            failures != MeshPool.Failures
            || Mesh.Nodes.Count != looks.Length
            || Mesh.Nodes.Any(node => !node.Arbiter.IsRunning || node.Arbiter.Lives > 1)
        )
            return false;
        try
        {
            foreach (var node in Mesh.Nodes)
                if ((await node.Api.DeleteAsync("/v1/arbiter/control")).Code != 200)
                    return false;
            await Mesh.EverywhereAsync(Clean);
            var now = await LookAsync(Mesh);
            return looks.SequenceEqual(now, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static async Task<string[]> LookAsync(TestMesh mesh) =>
        await Task.WhenAll(
            mesh.Nodes.Select(async node =>
                string.Join('\n', await node.TextAsync(Server), await node.TextAsync(Settings), await CatalogSnapshot.TakeAsync(node))
            )
        );
}
