using System.Globalization;
using Dapper;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>The last part of a join: this node catches up, and the tables are compared on all nodes.</summary>
internal sealed class JoinEnding(
    LocalNode local,
    JoinStore store,
    JoinMesh mesh,
    ComparisonControl comparisons,
    TaskStore tasks,
    TimeProvider time
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits until this node has applied what was written until now.</summary>
    public async Task CatchUpAsync(TaskRun run, IReadOnlyList<JoinPeer> others, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        foreach (var peer in others)
        {
            var end = await mesh.AskAsync(
                peer,
                connection =>
                    connection.ExecuteScalarAsync<string>(
                        new CommandDefinition("select pg_current_wal_insert_lsn()::text", cancellationToken: cancel)
                    ),
                cancel
            );
            var before = "";
            while (true)
            {
                var now = await local.AskAsync(
                    connection =>
                        connection.QuerySingleAsync<(string Lsn, bool IsThere)>(
                            new CommandDefinition(
                                SqlFile.Read("Joining/read_progress.sql"),
                                new { name = ObjectNames.Subscription(local.NodeId, peer.Node), end },
                                cancellationToken: cancel
                            )
                        ),
                    cancel
                );
                if (now.IsThere)
                    break;
                if (now.Lsn != before)
                    began = time.GetTimestamp();
                before = now.Lsn;
                await JoinWait.OnAsync(
                    string.Create(CultureInfo.InvariantCulture, $"This node has not applied yet what node {peer.Node} wrote meanwhile."),
                    time.GetElapsedTime(began),
                    what => run.WaitForAsync(what, cancel)
                );
                await Task.Delay(Interval, time, cancel);
            }

            var item = (await run.ItemsAsync(cancel)).FirstOrDefault(item => item.Name == JoinCopying.Wal(peer.Node));
            if (item is not null)
                await run.NoteAsync(item with { IsFinished = true, BytesTotal = 0 }, cancel);
        }

        await run.WaitForAsync(null, cancel);
        await run.LogAsync("This node has caught up.", cancel);
    }

    public async Task<(long? Id, int Equal, long Different, long InFlight, string? Problem)> CompareAsync(
        TaskRun run,
        JoinState state,
        CancellationToken cancel
    )
    {
        try
        {
            if ((await store.FindAsync(run.Id, cancel))?.Comparison is not { } id)
            {
                id = await comparisons.StartAsync(new ComparisonOrder(null, null, 100), run.Actor, cancel);
                await store.SetComparisonAsync(run.Id, id, cancel);
                await run.LogAsync(
                    string.Create(CultureInfo.InvariantCulture, $"Comparison {id} compares the tables on all nodes."),
                    cancel
                );
            }

            TaskEntry task;
            do task = (await tasks.WaitAsync(id, TimeSpan.FromSeconds(5), cancel)).Task;
            while (!TaskRules.IsFinal(task.State));
            var found = await comparisons.FindAsync(id, cancel);
            return (
                id,
                found.Tables.Count(table => table.IsProven),
                found.Tables.Sum(table => table.Different),
                found.Tables.Sum(table => table.InFlight),
                task.Problem ?? (task.State == TaskState.Cancelled ? "The comparison was cancelled." : null)
            );
        }
        catch (RefusedException e) when (e.Kind is not RefusalKind.Unavailable)
        {
            // The node has joined all the same.
            return (null, 0, 0, 0, e.Message);
        }
    }
}
