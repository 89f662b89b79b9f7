using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Web.Peers;

/// <summary>What can be done through a node's arbiter, this one or another.</summary>
public interface INodeClient : INodeReader
{
    /// <summary>Makes the database a node.</summary>
    Task InitializeAsync(CancellationToken cancel);

    /// <summary>What a connection string leads to, tried from there.</summary>
    Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel);

    /// <summary>Receives from a peer, or takes over a changed connection string.</summary>
    Task SubscribeAsync(int inbound, string connectionString, CancellationToken cancel);

    /// <summary>Ends a subscription; returns what is left behind, in sentences.</summary>
    Task<IReadOnlyList<string>> UnsubscribeAsync(int inbound, CancellationToken cancel);

    /// <summary>Stops applying until resumed.</summary>
    Task PauseAsync(int inbound, CancellationToken cancel);

    /// <summary>Goes on.</summary>
    Task ResumeAsync(int inbound, CancellationToken cancel);

    /// <summary>Stages a table.</summary>
    Task StageAddAsync(string relation, CancellationToken cancel);

    /// <summary>Stages a table's removal, or cancels its add.</summary>
    Task StageRemoveAsync(string relation, CancellationToken cancel);

    /// <summary>Commits what is staged.</summary>
    Task<CommitReport> CommitAsync(CancellationToken cancel);
}
