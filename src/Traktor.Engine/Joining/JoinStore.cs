using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Joining;

/// <summary>A join in this node's database: <c>trktr.join_state</c> and the tables beside it.</summary>
public sealed class JoinStore(LocalNode local)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Refuses what must not be done while this node joins.</summary>
    /// <exception cref="RefusedException">Conflict: it joins; Unavailable.</exception>
    public async Task RequireOverAsync(CancellationToken cancel)
    {
        var isJoining = await local.AskAsync(
            connection =>
                connection.ExecuteScalarAsync<bool>(
                    new CommandDefinition("select exists (select from trktr.join_state where phase <> 'joined')", cancellationToken: cancel)
                ),
            cancel
        );
        if (isJoining)
            throw RefusedException.Conflict(
                $"Node {local.NodeId} joins the mesh: its subscriptions begin by themselves when its rows are copied.",
                "GET /v1/arbiter/tasks shows how far it is; DELETE /v1/arbiter/tasks/{id} undoes it."
            );
    }

    /// <summary>Stores a join in a transaction of the caller's. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">Conflict: there is one.</exception>
    internal static async Task AddAsync(
        NpgsqlConnection connection,
        long task,
        JoinPlan plan,
        LocalNode local,
        Uri own,
        CancellationToken cancel
    )
    {
        var added = await connection.ExecuteAsync(
            new CommandDefinition(
                "insert into trktr.join_state (task_id, source) values (@task, @source) on conflict do nothing",
                new { task, source = plan.Source.Node },
                cancellationToken: cancel
            )
        );
        if (added == 0)
            throw RefusedException.Conflict($"Node {local.NodeId} joins a mesh already.", "GET /v1/arbiter/tasks shows how far it is.");
        await connection.ExecuteAsync(new CommandDefinition("select trktr.hide_parameters()", cancellationToken: cancel));
        var all = plan.Members.Select(member => (member.Node, member.Conninfo, member.Url)).Append((local.NodeId, plan.Own, own)).ToList();
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Joining/insert_peers.sql"),
                new
                {
                    task,
                    nodes = all.Select(one => one.Item1).ToArray(),
                    conninfos = all.Select(one => one.Item2.ToConninfo()).ToArray(),
                    urls = all.Select(one => one.Item3.ToString()).ToArray(),
                },
                cancellationToken: cancel
            )
        );
    }

    /// <summary>The join of a task; null when it is over.</summary>
    internal async Task<JoinState?> FindAsync(long task, CancellationToken cancel) =>
        await local.AskAsync(
            connection =>
                connection.QuerySingleOrDefaultAsync<string>(
                    new CommandDefinition(SqlFile.Read("Joining/read_join.sql"), new { task }, cancellationToken: cancel)
                ),
            cancel
        )
            is { } text
            ? JsonSerializer.Deserialize<Row>(text, Json)!.ToState()
            : null;

    /// <summary>Notes how far the join is.</summary>
    internal Task SetPhaseAsync(long task, JoinPhase phase, CancellationToken cancel) =>
        ExecuteAsync(
            "update trktr.join_state set phase = @phase where task_id = @task",
            new { task, phase = JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString()) },
            cancel
        );

    /// <summary>Notes the task that compares the tables.</summary>
    internal Task SetComparisonAsync(long task, long comparison, CancellationToken cancel) =>
        ExecuteAsync("update trktr.join_state set comparison = @comparison where task_id = @task", new { task, comparison }, cancel);

    /// <summary>Notes from where on the slot on a peer keeps its changes.</summary>
    internal Task SetSlotAsync(long task, int node, string lsn, CancellationToken cancel) =>
        ExecuteAsync(
            "update trktr.join_peer set slot_lsn = @lsn::pg_lsn where task_id = @task and node_id = @node",
            new
            {
                task,
                node,
                lsn,
            },
            cancel
        );

    /// <summary>Notes that there is no snapshot, and nothing copied.</summary>
    internal Task ForgetSnapshotAsync(long task, CancellationToken cancel) =>
        ExecuteAsync(
            "update trktr.join_state set snapshot = null where task_id = @task; delete from trktr.join_table where task_id = @task",
            new { task },
            cancel
        );

    /// <summary>Notes a snapshot, and the tables that it has.</summary>
    internal Task SetSnapshotAsync(long task, SourceSnapshot snapshot, IReadOnlyList<CopiedTable> tables, CancellationToken cancel) =>
        ExecuteAsync(
            SqlFile.Read("Joining/write_snapshot.sql"),
            new
            {
                task,
                snapshot = snapshot.Snapshot,
                nodes = snapshot.Applied.Select(position => position.Node).ToArray(),
                lsns = snapshot.Applied.Select(position => position.Lsn).ToArray(),
                tables = JsonSerializer.Serialize(tables, CopiedTable.Json),
            },
            cancel
        );

    /// <summary>The tables of the snapshot.</summary>
    internal Task<IReadOnlyList<CopiedTable>> TablesAsync(long task, CancellationToken cancel) =>
        local.AskAsync<IReadOnlyList<CopiedTable>>(
            async connection =>
                [
                    .. (
                        await connection.QueryAsync<string>(
                            new CommandDefinition(
                                "select description::text from trktr.join_table where task_id = @task order by schema_name, table_name",
                                new { task },
                                cancellationToken: cancel
                            )
                        )
                    ).Select(text => JsonSerializer.Deserialize<CopiedTable>(text, CopiedTable.Json)!),
                ],
            cancel
        );

    /// <summary>The ranges that are copied.</summary>
    internal Task<IReadOnlyList<DoneRange>> RangesAsync(long task, CancellationToken cancel) =>
        local.AskAsync<IReadOnlyList<DoneRange>>(
            async connection =>
                (
                    await connection.QueryAsync<DoneRange>(
                        new CommandDefinition(
                            "select schema_name, table_name, part, first_page, row_count, worked_ms from trktr.join_range "
                                + "where task_id = @task",
                            new { task },
                            cancellationToken: cancel
                        )
                    )
                ).AsList(),
            cancel
        );

    /// <summary>Deletes everything that is stored of a join, its connection strings too.</summary>
    internal Task DeleteAsync(long task, CancellationToken cancel) =>
        ExecuteAsync(
            "delete from trktr.join_state where task_id = @task; delete from trktr.join_peer where task_id = @task; "
                + "delete from trktr.join_table where task_id = @task",
            new { task },
            cancel
        );

    private Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancel) =>
        local.AskAsync(connection => connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancel)), cancel);

    private sealed record Row(int Source, string Phase, string? Snapshot, long? Comparison, IReadOnlyList<JoinPeer> Peers)
    {
        public JoinState ToState() => new(Source, Enum.Parse<JoinPhase>(Phase, ignoreCase: true), Snapshot, Comparison, Peers);
    }
}
