using System.Buffers;
using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>
/// Copies the rows of the source's snapshot, in several sessions at a time. Each range of pages is one transaction
/// here, and is on record in it: a killed arbiter's successor goes on with the others. Rows pass through this process
/// in pieces, whatever their size.
/// </summary>
internal sealed class TableCopy(
    LocalNode local,
    Database source,
    TaskRun run,
    JoinStore store,
    string snapshot,
    int sessions,
    TimeProvider time
)
{
    private const int Piece = 128 * 1024;
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TableName, Progress> progress = new();

    /// <summary>Copies what is left. Npgsql's exceptions propagate.</summary>
    /// <exception cref="SnapshotLostException">The snapshot is gone.</exception>
    public async Task CopyAsync(IReadOnlyList<CopiedTable> tables, Func<Task> whileCopying, CancellationToken cancel)
    {
        var done = await store.RangesAsync(run.Id, cancel);
        var names = done.Select(range => (range.SchemaName, range.TableName, range.Part, range.FirstPage)).ToHashSet();
        var left = new List<CopyRange>();
        foreach (var table in tables)
        {
            var copied = done.Where(range => (range.SchemaName, range.TableName) == (table.Schema, table.Name)).ToList();
            var ranges = CopyRange
                .Of(table)
                .Where(range => !names.Contains((table.Schema, table.Name, range.Part.Relation.ToString(), range.First)))
                .ToList();
            left.AddRange(ranges);
            progress[table.Table] = new Progress(
                new TaskItem(
                    table.Table.ToString(),
                    Math.Max(table.Parts.Sum(part => part.Rows), copied.Sum(range => range.RowCount)),
                    copied.Sum(range => range.RowCount),
                    table.Parts.Sum(part => part.Bytes),
                    copied.Sum(range => range.WorkedMs),
                    IsFinished: ranges.Count == 0,
                    Problem: null
                ),
                ranges.Count
            );
        }

        await NoteAsync(progress.Values, cancel);
        // The largest tables first, so that no session copies one alone in the end.
        var queue = new ConcurrentQueue<CopyRange>(
            left.OrderByDescending(range => range.Table.Parts.Sum(part => part.Bytes)).ThenBy(range => range.First)
        );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var workers = Enumerable.Range(1, Math.Min(sessions, queue.Count)).Select(number => WorkAsync(number, queue, stop)).ToList();
        var all = Task.WhenAll(workers);
        while (await Task.WhenAny(all, Task.Delay(NoteInterval, time, stop.Token)) != all && !stop.IsCancellationRequested)
        {
            await NoteAsync(progress.Values, cancel);
            await whileCopying();
        }

        await all;
        await NoteAsync(progress.Values, cancel);
    }

    private async Task WorkAsync(int number, ConcurrentQueue<CopyRange> queue, CancellationTokenSource stop)
    {
        try
        {
            await using var from = await SourceSession.OpenAsync(source, snapshot, stop.Token);
            await using var to = await CopySession.OpenAsync(local, number, stop.Token);
            while (queue.TryDequeue(out var range))
                await CopyAsync(from, to, range, stop.Token);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task CopyAsync(SourceSession from, CopySession to, CopyRange range, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var rows = new BinaryRows();
        var statement = await from.CopyAsync(range, cancel);
        await to.WriteAsync(
            async () =>
            {
                await to.CopyAsync(range.Table, into => PipeAsync(from.Connection, statement, to.Connection, into, rows, cancel), cancel);
                await from.CheckAsync(range.Table, cancel);
                await to.Connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Joining/insert_range.sql"),
                        new
                        {
                            task = run.Id,
                            schema = range.Table.Schema,
                            name = range.Table.Name,
                            part = range.Part.Relation.ToString(),
                            first = range.First,
                            rows = rows.Count,
                            workedMs = (long)(time.GetElapsedTime(began).TotalMilliseconds / sessions),
                        },
                        cancellationToken: cancel
                    )
                );
            },
            cancel
        );
        FaultPoint.Reach(FaultPoint.RangeCopied);
        progress[range.Table.Table].Add(rows.Count, (long)(time.GetElapsedTime(began).TotalMilliseconds / sessions));
    }

    /// <summary>Passes rows on in pieces. Npgsql's exceptions propagate; the transaction is lost then.</summary>
    internal static async Task PipeAsync(
        NpgsqlConnection source,
        string statement,
        NpgsqlConnection target,
        string into,
        BinaryRows rows,
        CancellationToken cancel
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            await using var sending = await source.BeginRawBinaryCopyAsync(statement, cancel);
            var taking = await target.BeginRawBinaryCopyAsync(into, cancel);
            try
            {
                int read;
                while ((read = await sending.ReadAsync(buffer.AsMemory(0, Piece), cancel)) > 0)
                {
                    rows.Add(buffer.AsSpan(0, read));
                    await taking.WriteAsync(buffer.AsMemory(0, read), cancel);
                }
            }
            catch
            {
                // Without this the rows so far would count as all.
                await taking.CancelAsync();
                throw;
            }
            finally
            {
                await taking.DisposeAsync();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task NoteAsync(IEnumerable<Progress> all, CancellationToken cancel)
    {
        var changed = all.Where(one => one.TakeChange()).Select(one => one.Item).ToList();
        await run.PlanAsync(changed, cancel);
        foreach (var item in changed)
            await run.NoteAsync(item, cancel);
    }

    private sealed class Progress(TaskItem item, int left)
    {
        private readonly Lock gate = new();
        private bool isChanged = true;
        private int ranges = left;
        private TaskItem now = item;

        public TaskItem Item
        {
            get
            {
                lock (gate)
                    return now;
            }
        }

        public bool TakeChange()
        {
            lock (gate)
            {
                var was = isChanged;
                isChanged = false;
                return was;
            }
        }

        public void Add(long rows, long workedMs)
        {
            lock (gate)
            {
                var isFinished = --ranges == 0;
                var done = now.RowsDone + rows;
                now = now with
                {
                    RowsDone = done,
                    RowsTotal = isFinished ? done : Math.Max(done, now.RowsTotal ?? 0),
                    WorkedMs = now.WorkedMs + workedMs,
                    IsFinished = isFinished,
                };
                isChanged = true;
            }
        }
    }
}
