using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// The loop that keeps something in this node's database in the desired state. It checks once a second, so that manual
/// changes are corrected and failures are retried.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="keep">One check with its changes. Returns what failed, in sentences.</param>
/// <param name="worker">Runs the checks.</param>
/// <param name="time">The clock.</param>
public sealed class Reconciler(
    LocalNode local,
    Func<NpgsqlConnection, CancellationToken, Task<IReadOnlyList<string>>> keep,
    Worker worker,
    TimeProvider time
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>What failed at the last check, in sentences.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, stop => worker.TryAsync(KeepAsync, stop), cancel);

    private async Task KeepAsync(CancellationToken cancel)
    {
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        if (!identity.IsCurrent)
            return;
        Problems = await keep(connection, cancel);
        if (Problems.Count > 0)
            throw new WorkerException(string.Join("; ", Problems));
    }
}
