using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Subscriptions.Workers;

/// <summary>One worker for each subscription, started and stopped as the catalog changes.</summary>
public sealed class SubscriptionWorkers(LocalNode local, TimeSpan checkInterval, TimeProvider time, ILogger<SubscriptionWorker> log)
    : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, SubscriptionWorker> workers = new();
    private readonly ConcurrentDictionary<Task, bool> retiring = new();
    private readonly SemaphoreSlim gate = new(1);

    /// <summary>Starts and stops workers to match the subscriptions.</summary>
    public async Task SyncAsync(IReadOnlyList<CatalogSubscription> subscriptions, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            var wanted = subscriptions.Where(subscription => subscription.HasSlot).ToDictionary(subscription => subscription.InboundNode);
            foreach (var (inbound, worker) in workers)
                if (!wanted.TryGetValue(inbound, out var now) || now.ConnectionString != worker.ConnectionString)
                    Retire(inbound);
            foreach (var (inbound, subscription) in wanted)
                workers.GetOrAdd(inbound, _ => new SubscriptionWorker(local, subscription, checkInterval, time, log)).Update(subscription);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>What is known of a peer; empty when it has no worker yet.</summary>
    public PeerObservation ObservationOf(int inbound) =>
        workers.TryGetValue(inbound, out var worker) ? worker.Observation : new PeerObservation();

    /// <summary>Each peer's policies, as far as they are known.</summary>
    public IReadOnlyDictionary<int, PeerPolicies> Policies() =>
        workers
            .Select(worker => (Peer: worker.Key, worker.Value.Observation.Policies))
            .Where(known => known.Policies is not null)
            .ToDictionary(known => known.Peer, known => known.Policies!);

    /// <summary>What each peer says that this node may lack of its rows, as far as that is known.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<PeerResync>> Resync() =>
        workers
            .Select(worker => (Peer: worker.Key, worker.Value.Observation.Resync))
            .Where(known => known.Resync is not null)
            .ToDictionary(known => known.Peer, known => known.Resync!);

    /// <summary>Requests a check of each subscription.</summary>
    public void RequestLook()
    {
        foreach (var worker in workers.Values)
            worker.RequestLook();
    }

    /// <summary>Requests a check and waits until the worker has done its first one.</summary>
    public async Task CheckNowAsync(int inbound, TimeSpan atMost, CancellationToken cancel)
    {
        if (!workers.TryGetValue(inbound, out var worker))
            return;
        worker.RequestLook();
        await Task.WhenAny(worker.FirstCheck, Task.Delay(atMost, time, cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync();
        foreach (var inbound in workers.Keys)
            Retire(inbound);
        await Task.WhenAll(retiring.Keys);
        gate.Dispose();
    }

    /// <summary>Stops a worker without waiting, because a worker whose peer hangs takes seconds to stop.</summary>
    private void Retire(int inbound)
    {
        if (!workers.TryRemove(inbound, out var worker))
            return;
        var end = worker.DisposeAsync().AsTask();
        retiring[end] = true;
        end.ContinueWith(
            done => retiring.TryRemove(done, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
