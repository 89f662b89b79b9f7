using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Replicasets;

/// <summary>The tables that this node publishes: staged here, committed by <c>ReplicasetCommit</c>.</summary>
/// <param name="local">This node.</param>
/// <param name="policies">The peers' policies, as last read.</param>
/// <param name="resync">What the peers say that this node may lack, as last read.</param>
public sealed class Replicaset(
    LocalNode local,
    Func<IReadOnlyDictionary<int, PeerPolicies>> policies,
    Func<IReadOnlyDictionary<int, IReadOnlyList<PeerResync>>> resync
)
{
    /// <summary>
    /// Stages a table for replication, or cancels its staged removal. Returns whether this changed anything.
    /// </summary>
    /// <exception cref="RefusedException">Malformed name; NotFound; Conflict with the reason why the table cannot be
    /// replicated and how to fix it.</exception>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) =>
        InTransactionAsync(
            async connection =>
            {
                var name =
                    await ResolveAsync(connection, TableName.Parse(table), cancel)
                    ?? throw RefusedException.NotFound(
                        $"Table {TableName.Parse(table)} does not exist on node {local.NodeId}.",
                        "Create it first, on this node and on the peers."
                    );
                var facts = (await TableFacts.ReadAsync(connection, [name], cancel))[name];
                if (TableRules.Findings(facts) is [var finding, ..])
                    throw RefusedException.Conflict(finding.Found, finding.Hint);
                return await connection.ExecuteAsync(
                        new CommandDefinition(SqlFile.Read("Replicasets/stage_add.sql"), Keys(name), cancellationToken: cancel)
                    ) > 0;
            },
            cancel
        );

    /// <summary>
    /// Stages a table's removal, or cancels its addition if it is not open yet. Returns the table's new state; null
    /// when nothing is left.
    /// </summary>
    /// <exception cref="RefusedException">Malformed name; NotFound when the table is not in the replicaset.</exception>
    public async Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel)
    {
        var name = TableName.Parse(table);
        name = await InTransactionAsync(
            async connection =>
            {
                var entries = await ReplicasetEntry.ReadAsync(connection, cancel);
                var entry =
                    entries.FirstOrDefault(entry => entry.Table == name)
                    ?? entries.FirstOrDefault(entry => entry.Table == name.Folded())
                    ?? throw RefusedException.NotFound($"{name} is not in the replicaset of node {local.NodeId}.");
                if (entry is { State: TableState.PendingAdd } or { Exists: false })
                    await ForgetAsync(connection, entry, cancel);
                else
                    await connection.ExecuteAsync(
                        new CommandDefinition(SqlFile.Read("Replicasets/stage_remove.sql"), Keys(entry.Table), cancellationToken: cancel)
                    );
                return entry.Table;
            },
            cancel
        );
        return (await ReadAsync(cancel)).FirstOrDefault(entry => entry.Relation == name.ToString());
    }

    /// <summary>All tables of the replicaset, ordered by name.</summary>
    public async Task<IReadOnlyList<ReplicasetTable>> ReadAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            return await ReadAsync(connection, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    internal async Task<IReadOnlyList<ReplicasetTable>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var entries = await ReplicasetEntry.ReadAsync(connection, cancel);
        var facts = await TableFacts.ReadAsync(connection, [.. entries.Select(entry => entry.Table)], cancel);
        var subscribers = await Subscriber.ReadAsync(connection, local.NodeId, cancel);
        var drift = new PolicyDrift(local.NodeId, await PeerPolicies.ReadAsync(connection, cancel), policies());
        var lacking = new ResyncFindings(local.NodeId, resync());
        var tables = entries
            .Select(entry =>
                (entry.Table, Report: ReplicasetReport.Of(entry, facts.GetValueOrDefault(entry.Table), subscribers, drift, lacking))
            )
            .ToList();
        // When no peer is missing, only those who write here can be.
        var waiting = tables.Where(table => table.Report is { IsCommitting: true, WaitingFor: [] }).Select(table => table.Table).ToList();
        var writers = await TableWriters.ReadAsync(connection, waiting, cancel);
        return
        [
            .. tables.Select(table =>
                writers[table.Table].ToList() is { Count: > 0 } found
                    ? table.Report with
                    {
                        WaitingFor = [new Waiting(local.NodeId, ReplicasetReport.WhyWaiting(found))],
                    }
                    : table.Report
            ),
        ];
    }

    /// <summary>
    /// Removes a table from every publication and deletes everything stored about it, in the caller's transaction.
    /// </summary>
    internal static async Task ForgetAsync(NpgsqlConnection connection, ReplicasetEntry entry, CancellationToken cancel)
    {
        foreach (var statement in entry.Removals())
            await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
        foreach (var relation in new[] { "replicaset", "subscriber_table", "resync" })
            await connection.ExecuteAsync(
                new CommandDefinition(
                    $"delete from trktr.{relation} where schema_name = @schema and table_name = @name",
                    Keys(entry.Table),
                    cancellationToken: cancel
                )
            );
        await connection.ExecuteAsync(new CommandDefinition(PublicationSql.Notify, cancellationToken: cancel));
    }

    private static object Keys(TableName table) => new { schema = table.Schema, name = table.Name };

    /// <summary>The table that a user means: the name as written, else as SQL folds it.</summary>
    private static async Task<TableName?> ResolveAsync(NpgsqlConnection connection, TableName written, CancellationToken cancel)
    {
        var found = await TableFacts.ReadAsync(connection, [written, written.Folded()], cancel);
        return found.ContainsKey(written) ? written
            : found.ContainsKey(written.Folded()) ? written.Folded()
            : null;
    }

    private async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await ReplicasetLock.TakeAsync(connection, cancel);
            var result = await work(connection);
            await transaction.CommitAsync(cancel);
            return result;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
