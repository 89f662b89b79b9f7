using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tasks;

/// <summary>Which tasks are read; null is no restriction.</summary>
internal sealed record TaskFilter(
    long? Id = null,
    string? Kind = null,
    long? Before = null,
    bool IsUnfinished = false,
    int Limit = TaskStore.LargestPage
);

/// <summary>Reads tasks from <c>trktr.task</c>.</summary>
internal static class TaskReader
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The tasks, newest first. Npgsql's exceptions propagate.</summary>
    public static async Task<IReadOnlyList<StoredTask>> ReadAsync(NpgsqlConnection connection, TaskFilter filter, CancellationToken cancel)
    {
        var text = await connection.QuerySingleAsync<string>(
            new CommandDefinition(SqlFile.Read("Tasks/read_tasks.sql"), filter, cancellationToken: cancel)
        );
        return
        [
            .. JsonSerializer
                .Deserialize<IReadOnlyList<Row>>(text, Json)!
                .Select(row =>
                {
                    var actor = new Actor(
                        AccessWords.KindOf(row.ActorKind) ?? ActorKind.Arbiter,
                        row.Actor,
                        AccessWords.RoleOf(row.Role) ?? Role.Viewer,
                        row.Address
                    );
                    var entry = new TaskEntry(
                        row.Id,
                        row.Kind,
                        row.Target,
                        row.State,
                        row.IsCancelling,
                        actor.Subject,
                        row.CreatedAt,
                        row.StartedAt,
                        row.FinishedAt,
                        row.WaitsFor,
                        row.Problem,
                        row.Result is { ValueKind: not JsonValueKind.Null } ? row.Result : null,
                        row.Items
                    );
                    return new StoredTask(entry, row.Request, actor);
                }),
        ];
    }

    private sealed record Row(
        long Id,
        string Kind,
        string? Target,
        JsonElement Request,
        string ActorKind,
        string Actor,
        string Role,
        string? Address,
        TaskState State,
        bool IsCancelling,
        DateTimeOffset CreatedAt,
        DateTimeOffset? StartedAt,
        DateTimeOffset? FinishedAt,
        string? WaitsFor,
        string? Problem,
        JsonElement? Result,
        IReadOnlyList<TaskItem> Items
    );
}
