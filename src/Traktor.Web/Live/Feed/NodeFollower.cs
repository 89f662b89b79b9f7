using System.Data.Common;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Peers;

namespace Traktor.Web.Live.Feed;

/// <summary>
/// Follows one node's conflicts through its arbiter, this one or another. It listens first and reads the list
/// afterwards, so that no change is missed; the revision identifies what arrives twice. After a disconnect it continues
/// from the last position.
/// </summary>
internal sealed class NodeFollower(NodeWindow window, NodeClients clients, MeshWindows windows, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly int node = window.Node;
    private FeedPosition? _position;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var pause = FirstPause;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await foreach (var batch in clients.Reader(node).ListenAsync(_position, cancel))
                {
                    await TakeAsync(batch, cancel);
                    pause = FirstPause;
                }

                Fail($"The arbiter of node {node} has closed the connection.");
            }
            catch (RefusedException e)
            {
                Fail(e.Message);
            }
            catch (Exception e) when (e is DbException or TimeoutException or IOException)
            {
                Fail($"PostgreSQL of node {node} did not answer in time.");
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(pause, time, cancel)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    private async Task TakeAsync(FeedBatch batch, CancellationToken cancel)
    {
        // A smaller position belongs to another history: the node was initialised again, or restored from a backup.
        if (_position is not { } last || batch.Missed > 0 || batch.Position.Id < last.Id || batch.Position.Revision < last.Revision)
            await LoadAsync(batch.Position, cancel);
        windows.Change(
            window,
            () => window.Change(batch.Conflicts.Select(entry => FeedEntry.Of(node, entry)), batch.Position, time.GetUtcNow())
        );
        _position = batch.Position;
    }

    private async Task LoadAsync(FeedPosition position, CancellationToken cancel)
    {
        var client = clients.Reader(node);
        var newest = client.ConflictsAsync(new HistoryFilter { Limit = NodeWindow.SnapshotLength }, cancel);
        var waiting = client.ConflictsAsync(new HistoryFilter { Limit = NodeWindow.SnapshotLength, State = ConflictState.Pending }, cancel);
        var rate = client.RateAsync(MinuteCounts.Length, cancel);
        await Task.WhenAll(newest, waiting, rate);
        var entries = newest
            .Result.Conflicts.Concat(waiting.Result.Conflicts)
            .GroupBy(entry => entry.Id)
            .Select(same => FeedEntry.Of(node, same.MaxBy(entry => entry.Revision ?? 0)!))
            .ToList();
        windows.Change(
            window,
            () =>
            {
                window.Minutes.Load(rate.Result);
                window.Load(entries, position, isAll: newest.Result.Next is null, time.GetUtcNow());
            }
        );
    }

    private void Fail(string problem) => windows.Change(window, () => window.Fail(problem));
}
