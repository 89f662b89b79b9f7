using Npgsql;
using Traktor.E2ETests.Sandbox;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Mesh;

/// <summary>
/// Real servers with a real arbiter each, as many as majors are named; nothing is initialised yet unless a method says
/// so. Every directed link can be cut, because peers are given connection strings through relays of their own.
/// </summary>
internal sealed class TestMesh : IAsyncDisposable
{
    public const string Database = "traktor_tutorial";

    private readonly Dictionary<(int From, int To), TcpRelay> links = [];
    private readonly List<MeshNode> nodes = [];
    private readonly bool hasUsersDefaults;
    private MeshLease? lease;

    private TestMesh(PostgresSandbox sandbox, bool pre16Compatibility, bool hasUsersDefaults) =>
        (Sandbox, Pre16Compatibility, this.hasUsersDefaults) = (sandbox, pre16Compatibility, hasUsersDefaults);

    public PostgresSandbox Sandbox { get; }

    /// <summary>
    /// The setting of every arbiter that is started from now on; True from the beginning in a mesh that begins with
    /// PostgreSQL 15.
    /// </summary>
    public bool Pre16Compatibility { get; set; }

    public IReadOnlyList<MeshNode> Nodes => nodes;

    public MeshNode this[int node] => nodes[node];

    /// <summary>
    /// Servers of these majors with an empty database and a running arbiter, node 0 the first; lent by the pool.
    /// </summary>
    public static Task<TestMesh> StartAsync(params int[] majors) => MeshPool.LeaseAsync(majors);

    /// <summary>Such a mesh of its own: with server settings, with clocks of their own, or just new.</summary>
    public static Task<TestMesh> StartAsync(
        IReadOnlyList<int> majors,
        IReadOnlyDictionary<string, string>? settings,
        bool? pre16Compatibility = null,
        bool haveOwnClocks = false
    ) => StartNewAsync(majors, settings, pre16Compatibility, haveOwnClocks, hasUsersDefaults: false);

    /// <summary>
    /// A mesh of its own as users have it: servers and arbiters with the defaults that make tests wait, an arbiter's
    /// heartbeat and the time after which a server starts an apply worker again.
    /// </summary>
    public static Task<TestMesh> StartAsUsersDoAsync(params int[] majors) =>
        StartNewAsync(majors, null, null, haveOwnClocks: false, hasUsersDefaults: true);

    private static async Task<TestMesh> StartNewAsync(
        IReadOnlyList<int> majors,
        IReadOnlyDictionary<string, string>? settings,
        bool? pre16Compatibility,
        bool haveOwnClocks,
        bool hasUsersDefaults
    )
    {
        if (haveOwnClocks)
            await NeedClocksAsync();
        var mesh = new TestMesh(await TestSandbox.CreateAsync(), pre16Compatibility ?? majors.Contains(15), hasUsersDefaults);
        try
        {
            mesh.nodes.AddRange(
                await Task.WhenAll(majors.Select((major, node) => mesh.StartNodeAsync(node, major, settings, haveOwnClocks)))
            );
            return mesh;
        }
        catch
        {
            await mesh.DestroyAsync();
            throw;
        }
    }

    /// <summary>Has the machine have what servers with clocks of their own need.</summary>
    public static async Task NeedClocksAsync()
    {
        if (!ServerClock.IsAvailable)
            await SystemPackage.InstallAsync("libfaketime");
    }

    /// <summary>Initialised nodes that all subscribe to one another.</summary>
    public static async Task<TestMesh> StartFullAsync(params int[] majors)
    {
        var mesh = await StartAsync(majors);
        try
        {
            await mesh.ConnectAllAsync();
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more server with an empty database and a running arbiter.</summary>
    public async Task<MeshNode> AddNodeAsync(int major, IReadOnlyDictionary<string, string>? settings = null)
    {
        nodes.Add(await StartNodeAsync(nodes.Count, major, settings, hasOwnClock: false));
        return nodes[^1];
    }

    /// <summary>Initialises all nodes and subscribes each to all others.</summary>
    public async Task ConnectAllAsync()
    {
        await Task.WhenAll(nodes.Select(async node => (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201)));
        await Task.WhenAll(
            nodes.Select(async to =>
            {
                foreach (var from in nodes.Where(from => from != to))
                    await SubscribeAsync(to.Id, from.Id);
            })
        );
    }

    /// <summary>
    /// The same with arbiters and subscriptions that log in as the role of <see cref="Grants"/>; the tables exist.
    /// </summary>
    public async Task ConnectAllAsOrdinaryAsync()
    {
        await Task.WhenAll(nodes.Select(Grants.UseAsync));
        await Task.WhenAll(nodes.Select(async node => (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201)));
        foreach (var to in nodes)
        foreach (var from in nodes.Where(from => from != to))
            (
                await to.Api.PutAsync(
                    "/v1/arbiter/subscription/control",
                    new
                    {
                        inbound_node = from.Id,
                        connection_string = Link(from.Id, to.Id).Conninfo(Database, Grants.Role, Grants.Password),
                    }
                )
            ).Expect(201);
    }

    /// <summary>
    /// Has node <paramref name="to"/> receive from node <paramref name="from"/>, through a link that can be cut.
    /// </summary>
    public async Task SubscribeAsync(int to, int from, int expect = 201) =>
        (
            await nodes[to]
                .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = from, connection_string = Conninfo(from, to) })
        ).Expect(expect);

    /// <summary>
    /// The link over which <paramref name="to"/>'s server and arbiter reach <paramref name="from"/>'s server.
    /// </summary>
    public TcpRelay Link(int from, int to)
    {
        lock (links)
        {
            if (!links.TryGetValue((from, to), out var link))
                links[(from, to)] = link = Sandbox.Relay(nodes[from].Server);
            return link;
        }
    }

    /// <summary>The connection string that <paramref name="to"/> uses for <paramref name="from"/>.</summary>
    public string Conninfo(int from, int to) => Link(from, to).Conninfo(Database);

    /// <summary>The line of arbiter.ini.</summary>
    public (string Key, string Value) Compatibility => ("Pre16Compatibility", Pre16Compatibility ? "True" : "False");

    /// <summary>Restarts a node's arbiter with another Pre16Compatibility.</summary>
    public async Task ReconfigureAsync(MeshNode node, bool pre16Compatibility)
    {
        Pre16Compatibility = pre16Compatibility;
        await node.Arbiter.TerminateAsync();
        await node.Arbiter.ConfigureAsync(node.Server.Conninfo(Database), Compatibility);
        await node.Arbiter.StartAsync();
    }

    /// <summary>Restarts a node's arbiter with an APIKey that no other arbiter has.</summary>
    public async Task GiveOwnApiKeyAsync(MeshNode node)
    {
        await node.Arbiter.TerminateAsync();
        await node.Arbiter.ConfigureAsync(node.Server.Conninfo(Database), Compatibility, ("APIKey", $"OnlyOfNode{node.Id}"));
        await node.Arbiter.StartAsync();
    }

    /// <summary>Runs the same statement on every node.</summary>
    public Task EverywhereAsync(string sql) => Task.WhenAll(nodes.Select(node => node.ExecuteAsync(sql)));

    /// <summary>Creates a table everywhere, stages and commits it on every node.</summary>
    public async Task ReplicateAsync(string table, string createSql)
    {
        await EverywhereAsync(createSql);
        await Task.WhenAll(nodes.Select(node => node.StageAsync(table)));
        // One after the other: a commit waits for the peers' refresh, and they would wait for one another.
        foreach (var node in nodes)
            await node.CommitAsync();
    }

    /// <summary>Waits until a query gives the same on every node, and that.</summary>
    public Task AgreeAsync(string query, string expected) =>
        Eventually.TrueAsync(
            $"{query} is {expected} on every node",
            async () =>
            {
                foreach (var node in nodes)
                    if (await node.TextAsync(query) != expected)
                        return false;
                return true;
            },
            Diagnose
        );

    /// <summary>
    /// Waits until nothing that was contested is left to be resolved, told or remembered, so that what is in the tables
    /// now stays.
    /// </summary>
    public Task RestAsync() =>
        AgreeAsync(
            "select (select count(*) from trktr.overwrite_log) + (select count(*) from trktr.winner) + (select count(*) from "
                + "trktr.contested_key)",
            "0"
        );

    /// <summary>What to look at when something did not come.</summary>
    public string Diagnose() => string.Join('\n', nodes.Select(node => node.Diagnose()));

    /// <summary>Whom it goes back to.</summary>
    public void Lend(MeshLease to) => lease = to;

    /// <summary>The links as they were, before a case did anything to them.</summary>
    public void HealLinks()
    {
        foreach (var link in links.Values)
        {
            link.Heal();
            link.Delay = TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Gives it back, or stops and removes it; fails when an arbiter ever showed a password or the API key.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (lease is { } borrowed)
            await borrowed.ReturnAsync();
        else
            await DestroyAsync();
    }

    /// <summary>
    /// Stops and removes everything, and fails when an arbiter ever showed a password or the API key.
    /// </summary>
    public async Task DestroyAsync()
    {
        HealLinks();
        foreach (var node in nodes)
            await node.Arbiter.DisposeAsync();
        await Sandbox.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Assert.Empty(Leaks());
    }

    /// <summary>Every answer and log line that holds a secret of this mesh.</summary>
    public IEnumerable<string> Leaks()
    {
        var secrets = nodes.Select(node => node.Server.Password).Concat(nodes.Select(node => node.Arbiter.Key)).ToList();
        return nodes
            .SelectMany(node => node.Api.Transcript.Concat(node.Arbiter.Log))
            .Where(text => secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)));
    }

    private async Task<MeshNode> StartNodeAsync(int node, int major, IReadOnlyDictionary<string, string>? settings, bool hasOwnClock)
    {
        // As preflight advises for PostgreSQL 15; elsewhere sooner still, for the tests' own sake.
        var quick = new Dictionary<string, string> { ["wal_retrieve_retry_interval"] = hasUsersDefaults ? "1s" : "300ms" };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            quick[name] = value;
        if (hasUsersDefaults && major != 15)
            quick.Remove("wal_retrieve_retry_interval");
        var server = await Sandbox.StartServerAsync(major, quick, hasOwnClock);
        await server.ExecuteAsync($"CREATE DATABASE {Database}");
        return new MeshNode(
            node,
            server,
            await ArbiterProcess.StartAsync(node, server.Conninfo(Database), hasUsersDefaults, Compatibility)
        );
    }
}
