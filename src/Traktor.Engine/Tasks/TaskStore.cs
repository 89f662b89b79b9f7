using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tasks;

/// <summary>The tasks of this node in <c>trktr.task</c>, their parts and their logs.</summary>
public sealed class TaskStore(LocalNode local, TimeProvider time)
{
    /// <summary>The most tasks on a page.</summary>
    public const int LargestPage = 200;

    private const int MostLines = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Called when a task is queued or cancelled, on any thread.</summary>
    public event Action? Changed;

    /// <summary>A page of tasks, newest first.</summary>
    /// <exception cref="RefusedException">Malformed: the limit; Conflict when the node is not initialised;
    /// Unavailable.</exception>
    public Task<TaskPage> ListAsync(string? kind, long? before, int limit, CancellationToken cancel)
    {
        if (limit is < 1 or > LargestPage)
            throw RefusedException.Malformed($"limit must be a number from 1 to {LargestPage}.");
        return local.AskAsync(
            async connection =>
            {
                var tasks = await TaskReader.ReadAsync(connection, new TaskFilter(Kind: kind, Before: before, Limit: limit + 1), cancel);
                var page = tasks.Take(limit).Select(task => task.Entry).ToList();
                return new TaskPage(local.NodeId, page, tasks.Count > limit ? page[^1].Id : null);
            },
            cancel
        );
    }

    /// <summary>A task with its log.</summary>
    /// <exception cref="RefusedException">NotFound; Conflict when the node is not initialised; Unavailable.</exception>
    public Task<TaskReport> FindAsync(long id, CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                var task = await FindAsync(connection, id, cancel);
                var log = await connection.QueryAsync<(DateTime At, string Text)>(
                    new CommandDefinition(SqlFile.Read("Tasks/read_log.sql"), new { id, limit = MostLines }, cancellationToken: cancel)
                );
                return new TaskReport(local.NodeId, task, [.. log.Select(line => new TaskLine(new DateTimeOffset(line.At), line.Text))]);
            },
            cancel
        );

    /// <summary>The same once the task has reached a final state, or after <paramref name="wait"/>.</summary>
    /// <exception cref="RefusedException">As for <see cref="FindAsync(long, CancellationToken)"/>.</exception>
    public async Task<TaskReport> WaitAsync(long id, TimeSpan wait, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var report = await FindAsync(id, cancel);
            if (TaskRules.IsFinal(report.Task.State) || time.GetElapsedTime(began) >= wait)
                return report;
            await Task.Delay(Interval, time, cancel);
        }
    }

    /// <summary>Cancels a task: at once where it is queued, else as soon as it has undone what it began.</summary>
    /// <exception cref="RefusedException">NotFound; Conflict: it is finished, or the node is not initialised;
    /// Unavailable.</exception>
    public async Task<TaskReport> CancelAsync(long id, string by, CancellationToken cancel)
    {
        await local.AskAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                var state = await connection.ExecuteScalarAsync<string>(
                    new CommandDefinition(SqlFile.Read("Tasks/cancel_task.sql"), new { id }, cancellationToken: cancel)
                );
                if (state is null)
                {
                    var task = await FindAsync(connection, id, cancel);
                    throw RefusedException.Conflict($"Task {id} is finished: it {Words(task.State)}.");
                }

                await LogAsync(connection, id, $"Cancelled by {by}.", cancel);
                await transaction.CommitAsync(cancel);
                return state;
            },
            cancel
        );
        Changed?.Invoke();
        return await FindAsync(id, cancel);
    }

    /// <summary>
    /// Adds a task in a transaction of the caller's, who calls <see cref="Announce"/> after the commit. Npgsql's
    /// exceptions propagate.
    /// </summary>
    public static Task<long> AddAsync(
        NpgsqlConnection connection,
        string kind,
        string? target,
        JsonElement request,
        Actor actor,
        CancellationToken cancel
    ) =>
        connection.ExecuteScalarAsync<long>(
            new CommandDefinition(
                SqlFile.Read("Tasks/insert_task.sql"),
                new
                {
                    kind,
                    target,
                    request = request.GetRawText(),
                    actorKind = AccessWords.Of(actor.Kind),
                    actor = actor.Name,
                    role = AccessWords.Of(actor.Role),
                    address = actor.Address,
                },
                cancellationToken: cancel
            )
        );

    /// <summary>Has the runner look for new tasks.</summary>
    public void Announce() => Changed?.Invoke();

    /// <summary>The tasks that are not finished, oldest first.</summary>
    internal Task<IReadOnlyList<StoredTask>> UnfinishedAsync(CancellationToken cancel) =>
        local.AskAsync<IReadOnlyList<StoredTask>>(
            async connection =>
                [.. (await TaskReader.ReadAsync(connection, new TaskFilter(IsUnfinished: true), cancel)).OrderBy(task => task.Entry.Id)],
            cancel
        );

    /// <summary>Notes that the arbiter works on a task; false when it is finished already.</summary>
    internal Task<bool> BeginAsync(long id, CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                var begun = await connection.ExecuteScalarAsync<int?>(
                    new CommandDefinition(SqlFile.Read("Tasks/begin_task.sql"), new { id }, cancellationToken: cancel)
                );
                if (begun is not { } count)
                    return false;
                await LogAsync(connection, id, count == 1 ? "Started." : "Went on after an interruption.", cancel);
                await transaction.CommitAsync(cancel);
                return true;
            },
            cancel
        );

    /// <summary>Notes the final state of a task.</summary>
    internal Task FinishAsync(long id, TaskState state, string? problem, JsonElement? result, CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                await connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Tasks/finish_task.sql"),
                        new
                        {
                            id,
                            state = Word(state),
                            problem,
                            result = result?.GetRawText(),
                        },
                        cancellationToken: cancel
                    )
                );
                await LogAsync(connection, id, problem is null ? $"It {Words(state)}." : $"It {Words(state)}: {problem}", cancel);
                await transaction.CommitAsync(cancel);
                return true;
            },
            cancel
        );

    internal Task LogAsync(long id, string text, CancellationToken cancel) =>
        local.AskAsync(connection => LogAsync(connection, id, text, cancel), cancel);

    internal Task WaitForAsync(long id, string? what, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Tasks/write_waiting.sql"), new { id, what }, cancellationToken: cancel)
                ),
            cancel
        );

    internal Task PlanAsync(long id, IReadOnlyList<TaskItem> items, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Tasks/insert_items.sql"),
                        new
                        {
                            id,
                            names = items.Select(item => item.Name).ToArray(),
                            rows = items.Select(item => item.RowsTotal).ToArray(),
                            bytes = items.Select(item => item.BytesTotal).ToArray(),
                        },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    internal Task NoteAsync(long id, TaskItem item, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Tasks/write_item.sql"),
                        new
                        {
                            id,
                            name = item.Name,
                            rowsTotal = item.RowsTotal,
                            rowsDone = item.RowsDone,
                            bytesTotal = item.BytesTotal,
                            workedMs = item.WorkedMs,
                            isFinished = item.IsFinished,
                            problem = item.Problem,
                        },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    /// <summary>Deletes finished tasks with everything that belongs to them, and returns how many.</summary>
    internal Task<int> PurgeAsync(DateTimeOffset before, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Tasks/purge_tasks.sql"),
                        new { before = before.UtcDateTime },
                        commandTimeout: 60,
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    /// <summary>A state as the database and the REST API write it.</summary>
    public static string Word(TaskState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    private static string Words(TaskState state) =>
        state switch
        {
            TaskState.Cancelled => "was cancelled",
            TaskState.Failed => "failed",
            _ => Word(state),
        };

    private static Task<int> LogAsync(NpgsqlConnection connection, long id, string text, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "insert into trktr.task_log (task_id, text) values (@id, @text)",
                new { id, text = Secrets.Redact(text) },
                cancellationToken: cancel
            )
        );

    private static async Task<TaskEntry> FindAsync(NpgsqlConnection connection, long id, CancellationToken cancel) =>
        (await TaskReader.ReadAsync(connection, new TaskFilter(Id: id), cancel)) is [var task]
            ? task.Entry
            : throw RefusedException.NotFound($"There is no task {id} on this node, or it is too old.");
}
