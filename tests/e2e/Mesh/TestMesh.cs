using Npgsql;
using Traktor.E2ETests.Sandbox;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Mesh;

/// <summary>
/// Real servers with a real arbiter each, as many as majors are named; nothing is initialised yet unless a method says so.
/// Every directed link can be cut, because peers are given connection strings through relays of their own.
/// </summary>
internal sealed class TestMesh : IAsyncDisposable
{
    public const string Database = "traktor_tutorial";

    private readonly Dictionary<(int From, int To), TcpRelay> links = [];
    private readonly List<MeshNode> nodes = [];

    private TestMesh(PostgresSandbox sandbox, bool pre16Compatibility) => (Sandbox, Pre16Compatibility) = (sandbox, pre16Compatibility);

    public PostgresSandbox Sandbox { get; }

    /// <summary>
    /// The setting of every arbiter that is started from now on; True from the beginning in a mesh that begins with
    /// PostgreSQL 15.
    /// </summary>
    public bool Pre16Compatibility { get; set; }

    public IReadOnlyList<MeshNode> Nodes => nodes;

    public MeshNode this[int node] => nodes[node];

    /// <summary>Servers of these majors with an empty database and a running arbiter, node 0 the first.</summary>
    public static Task<TestMesh> StartAsync(params int[] majors) => StartAsync(majors, null);

    /// <summary>The same with server settings, and with clocks of their own where they are asked for.</summary>
    public static async Task<TestMesh> StartAsync(
        IReadOnlyList<int> majors,
        IReadOnlyDictionary<string, string>? settings,
        bool? pre16Compatibility = null,
        bool haveOwnClocks = false
    )
    {
        if (haveOwnClocks)
            await NeedClocksAsync();
        var mesh = new TestMesh(await TestSandbox.CreateAsync(), pre16Compatibility ?? majors.Contains(15));
        try
        {
            mesh.nodes.AddRange(
                await Task.WhenAll(majors.Select((major, node) => mesh.StartNodeAsync(node, major, settings, haveOwnClocks)))
            );
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
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
        var mesh = await StartAsync(majors, null);
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
        foreach (var node in nodes)
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        foreach (var to in nodes)
        foreach (var from in nodes.Where(from => from != to))
            await SubscribeAsync(to.Id, from.Id);
    }

    /// <summary>Has node <paramref name="to"/> receive from node <paramref name="from"/>, through a link that can be cut.</summary>
    public async Task SubscribeAsync(int to, int from, int expect = 201) =>
        (
            await nodes[to]
                .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = from, connection_string = Conninfo(from, to) })
        ).Expect(expect);

    /// <summary>The link over which <paramref name="to"/>'s server and arbiter reach <paramref name="from"/>'s server.</summary>
    public TcpRelay Link(int from, int to)
    {
        if (!links.TryGetValue((from, to), out var link))
            links[(from, to)] = link = Sandbox.Relay(nodes[from].Server);
        return link;
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

    /// <summary>Runs the same statement on every node.</summary>
    public async Task EverywhereAsync(string sql)
    {
        foreach (var node in nodes)
            await node.ExecuteAsync(sql);
    }

    /// <summary>Creates a table everywhere, stages and commits it on every node.</summary>
    public async Task ReplicateAsync(string table, string createSql)
    {
        await EverywhereAsync(createSql);
        foreach (var node in nodes)
            await node.StageAsync(table);
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
            "select (select count(*) from trktr.overwrite_log) + (select count(*) from trktr.winner) + (select count(*) from trktr.contested_key)",
            "0"
        );

    /// <summary>What to look at when something did not come.</summary>
    public string Diagnose() => string.Join('\n', nodes.Select(node => node.Diagnose()));

    /// <summary>Stops and removes everything, and fails when an arbiter ever showed a password or the API key.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var link in links.Values)
            link.Heal();
        foreach (var node in nodes)
            await node.Arbiter.DisposeAsync();
        await Sandbox.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Assert.Empty(Leaks());
    }

    /// <summary>Every answer and log line that holds a secret of this mesh.</summary>
    public IEnumerable<string> Leaks()
    {
        var secrets = nodes.Select(node => node.Server.Password).Append(ArbiterProcess.ApiKey).ToList();
        return nodes
            .SelectMany(node => node.Api.Transcript.Concat(node.Arbiter.Log))
            .Where(text => secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)));
    }

    private async Task<MeshNode> StartNodeAsync(int node, int major, IReadOnlyDictionary<string, string>? settings, bool hasOwnClock)
    {
        // As preflight advises for PostgreSQL 15.
        if (major == 15)
            settings = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
            {
                ["wal_retrieve_retry_interval"] = "1s",
            };
        var server = await Sandbox.StartServerAsync(major, settings, hasOwnClock);
        await server.ExecuteAsync($"CREATE DATABASE {Database}");
        return new MeshNode(node, server, await ArbiterProcess.StartAsync(node, server.Conninfo(Database), Compatibility));
    }
}
