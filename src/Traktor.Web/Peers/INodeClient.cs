using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tasks;

namespace Traktor.Web.Peers;

/// <summary>Reads and changes a node through its arbiter, this one or another.</summary>
public interface INodeClient : INodeReader
{
    /// <summary>Initialises the node.</summary>
    Task InitializeAsync(CancellationToken cancel);

    /// <summary>Tries a connection string from that node.</summary>
    Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel);

    /// <summary>Subscribes to a peer, or replaces the connection string.</summary>
    Task SubscribeAsync(int inbound, string connectionString, CancellationToken cancel);

    /// <summary>Drops a subscription; returns what remains on the peer, in sentences.</summary>
    Task<IReadOnlyList<string>> UnsubscribeAsync(int inbound, CancellationToken cancel);

    /// <summary>Pauses a subscription.</summary>
    Task PauseAsync(int inbound, CancellationToken cancel);

    /// <summary>Resumes a subscription.</summary>
    Task ResumeAsync(int inbound, CancellationToken cancel);

    /// <summary>Subscribes anew to a peer whose stream cannot go on.</summary>
    Task RenewAsync(int inbound, CancellationToken cancel);

    /// <summary>Stages a table.</summary>
    Task StageAddAsync(string relation, CancellationToken cancel);

    /// <summary>Stages a table's removal, or cancels its add.</summary>
    Task StageRemoveAsync(string relation, CancellationToken cancel);

    /// <summary>Commits what is staged.</summary>
    Task<CommitReport> CommitAsync(CancellationToken cancel);

    /// <summary>Starts a comparison on that node.</summary>
    Task<TaskReport> CompareAsync(ComparisonOrder order, CancellationToken cancel);

    /// <summary>Starts a repair of what a comparison of that node has found.</summary>
    Task<TaskReport> RepairAsync(RepairOrder order, CancellationToken cancel);

    /// <summary>Cancels a task.</summary>
    Task<TaskReport> CancelTaskAsync(long id, CancellationToken cancel);
}
