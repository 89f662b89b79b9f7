using Microsoft.Extensions.Logging;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Nodes;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine;

/// <summary>
/// The arbiter of one node: what the REST API and the console call. It starts without PostgreSQL and goes on by itself when that is back.
/// Every call throws <see cref="RefusedException"/> with words for the user when it cannot be done.
/// </summary>
public sealed class Arbiter : IAsyncDisposable
{
    public Arbiter(ArbiterSettings settings, ILoggerFactory loggers, TimeProvider? time = null) => throw new NotImplementedException();

    /// <summary>What this arbiter was configured with.</summary>
    public ArbiterSettings Settings => throw new NotImplementedException();

    /// <summary>This node at a glance, from memory.</summary>
    public NodeStatus Status => throw new NotImplementedException();

    /// <summary>This node's subscriptions, from memory, ordered by peer.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => throw new NotImplementedException();

    /// <summary>Starts the workers; returns at once, also when PostgreSQL is down.</summary>
    public Task StartAsync(CancellationToken cancel) => throw new NotImplementedException();

    public Task<InitializeReport> InitializeAsync(CancellationToken cancel) => throw new NotImplementedException();

    public Task<UninitializeReport> UninitializeAsync(CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Receives from a peer from now on; changes the connection string of a subscription that exists. Returns whether it was created.</summary>
    public Task<bool> SubscribeAsync(int inboundNode, string connectionString, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Ends a subscription; what is left on a peer that cannot be reached is returned, and removed when the peer is back.</summary>
    public Task<IReadOnlyList<string>> UnsubscribeAsync(int inboundNode, CancellationToken cancel) => throw new NotImplementedException();

    public Task<SubscriptionStatus> PauseAsync(int inboundNode, CancellationToken cancel) => throw new NotImplementedException();

    public Task<SubscriptionStatus> ResumeAsync(int inboundNode, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Stages a table for replication. Returns whether something was staged that was not before.</summary>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Stages a table's removal, or cancels its staged add.</summary>
    public Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Commits what is staged and waits until every reachable peer has it or has said why not.</summary>
    public Task<CommitReport> CommitAsync(bool force, CancellationToken cancel) => throw new NotImplementedException();

    public Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) => throw new NotImplementedException();

    public Task<HistoryPage> HistoryAsync(int limit, long? before, CancellationToken cancel) => throw new NotImplementedException();

    public Task<MeshStatus> MeshAsync(CancellationToken cancel) => throw new NotImplementedException();

    public Task<PreflightReport> PreflightAsync(CancellationToken cancel) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
