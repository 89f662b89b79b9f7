using System.Security.Cryptography;
using Traktor.Engine.Access;
using Traktor.Engine.ConnectionStrings;
using Traktor.Sandbox;
using Traktor.Web.Configuration;
using Traktor.Web.Hosting;

namespace Traktor.Web.Demo;

/// <summary>
/// A whole mesh on this machine: throwaway servers, an arbiter for each in this process, the sample schema replicated
/// between all of them.
/// </summary>
internal sealed class DemoMesh : IAsyncDisposable
{
    private const int FirstPort = 8080;

    // As preflight advises for PostgreSQL 15.
    private static readonly Dictionary<string, string> RetrySoon = new() { ["wal_retrieve_retry_interval"] = "1s" };

    private readonly Action<string> _say;
    private readonly List<DemoNode> _nodes = [];
    private PostgresSandbox? _sandbox;
    private int _nextPort = FirstPort;

    private DemoMesh(Action<string> say) => _say = say;

    public IReadOnlyList<DemoNode> Nodes => _nodes;

    /// <summary>The API key of all arbiters, a new one for each demo.</summary>
    public string ApiKey { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>Starts the mesh; on failure it stops what it has started.</summary>
    /// <exception cref="SandboxException">A server cannot be started.</exception>
    public static async Task<DemoMesh> StartAsync(DemoPlan plan, Action<string> say, CancellationToken cancel)
    {
        var mesh = new DemoMesh(say);
        try
        {
            await mesh.StartNodesAsync(plan, cancel);
            await mesh.ConnectAsync(cancel);
            await mesh.ReplicateAsync(cancel);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    private async Task StartNodesAsync(DemoPlan plan, CancellationToken cancel)
    {
        _sandbox = await PostgresSandbox.CreateAsync(new Line(_say), cancel);
        var servers = await StartServersAsync(_sandbox, plan.Majors, cancel);
        foreach (var server in servers)
        {
            var number = _nodes.Count;
            var port = TakePort(number);
            var conninfo = await SampleShop.AdmitArbiterAsync(server, cancel);
            var host = ArbiterHost.Build(
                new ArbiterConfiguration
                {
                    NodeID = number,
                    ConnectionString = Conninfo.Parse(conninfo),
                    APIAddress = new ListenAddress("127.0.0.1", port),
                    APIKey = ApiKey,
                    Pre16Compatibility = plan.Majors.Contains(15),
                    PublicURL = new Uri($"http://127.0.0.1:{port}"),
                },
                // The demo prints its own progress; warnings and errors are still logged.
                LogLevel.Warning
            );
            _nodes.Add(new DemoNode(number, server, host, conninfo));
            await host.StartAsync(cancel);
            _say($"Node {number}: PostgreSQL {server.Major} on port {server.Port}, arbiter on {host.Address}");
        }
    }

    private static async Task<IPostgresServer[]> StartServersAsync(
        PostgresSandbox sandbox,
        IReadOnlyList<int> majors,
        CancellationToken cancel
    )
    {
        var servers = new IPostgresServer[majors.Count];
        // One major after the other, because each may have to be downloaded; the servers of a major in parallel.
        foreach (var group in majors.Select((major, number) => (major, number)).GroupBy(x => x.major))
            await Task.WhenAll(
                group.Select(async node =>
                {
                    var server = await sandbox.StartServerAsync(node.major, node.major == 15 ? RetrySoon : null, cancel: cancel);
                    await SampleShop.CreateAsync(server, cancel);
                    servers[node.number] = server;
                })
            );
        return servers;
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        foreach (var node in _nodes)
            await node.Host.Arbiter.As(Actor.OfCommandLine()).InitializeAsync(cancel);
        foreach (var node in _nodes)
        foreach (var peer in _nodes.Where(peer => peer != node))
            await node.Host.Arbiter.As(Actor.OfCommandLine()).SubscribeAsync(peer.Number, peer.ArbitersConninfo, cancel);
        _say($"All nodes are initialised and subscribe to each other: {_nodes.Count * (_nodes.Count - 1)} subscriptions.");
    }

    private async Task ReplicateAsync(CancellationToken cancel)
    {
        foreach (var node in _nodes)
        foreach (var table in SampleShop.Tables)
            await node.Host.Arbiter.As(Actor.OfCommandLine()).StageAddAsync(table, cancel);
        foreach (var node in _nodes)
        {
            var report = await node.Host.Arbiter.As(Actor.OfCommandLine()).CommitAsync(force: false, cancel);
            foreach (var table in report.Pending)
            foreach (var waiting in table.WaitingFor)
                _say($"Node {node.Number}: {table.Relation} waits for node {waiting.Node}: {waiting.Reason}");
        }

        await SampleShop.StockAsync(_nodes[0], cancel);
        _say($"The sample tables are replicated: {string.Join(", ", SampleShop.Tables)}.");
    }

    private int TakePort(int node)
    {
        var wanted = FirstPort + node;
        var port = Math.Max(wanted, _nextPort);
        while (!FreePort.IsFree(port))
            port++;
        _nextPort = port + 1;
        if (port != wanted)
            _say($"Port {wanted} is in use; the arbiter of node {node} uses port {port}.");
        return port;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.Host.DisposeAsync().AsTask()));
        if (_sandbox is not null)
            await _sandbox.DisposeAsync();
    }

    // Progress<T> would post to the thread pool and mix up the lines' order.
    private sealed class Line(Action<string> say) : IProgress<string>
    {
        public void Report(string value) => say(value);
    }
}
