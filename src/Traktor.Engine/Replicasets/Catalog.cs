using System.Text.Json;
using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Replicasets;

/// <summary>A table of this node's database, replicated or not.</summary>
/// <param name="Relation">The table as schema.table, quoted where needed.</param>
/// <param name="Status">Its state in the replicaset; null when it is not part of it.</param>
/// <param name="Key">The columns that identify a row; empty when there are none.</param>
/// <param name="Columns">Its columns in their order.</param>
/// <param name="Findings">Why it cannot be replicated, with the statement that fixes it; empty when it can.</param>
public sealed record CatalogTable(
    string Relation,
    TableState? Status,
    IReadOnlyList<string> Key,
    IReadOnlyList<ColumnFacts> Columns,
    IReadOnlyList<Finding> Findings
);

/// <summary>All tables that could be replicated.</summary>
/// <param name="local">This node.</param>
public sealed class Catalog(LocalNode local)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The user tables ordered by name, with the findings against replicating each.</summary>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<IReadOnlyList<CatalogTable>> ReadAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            var rows = await connection.QueryAsync<string>(
                new CommandDefinition(SqlFile.Read("Tables/read_catalog.sql"), cancellationToken: cancel)
            );
            var names = rows.Select(row => JsonSerializer.Deserialize<TableName>(row, Json)!).ToList();
            var facts = await TableFacts.ReadAsync(connection, names, cancel);
            var staged = (await ReplicasetEntry.ReadAsync(connection, cancel)).ToDictionary(entry => entry.Table, entry => entry.State);
            return
            [
                .. from name in names
                where facts.ContainsKey(name)
                let table = facts[name]
                select new CatalogTable(
                    name.ToString(),
                    staged.TryGetValue(name, out var state) ? state : null,
                    table.Key,
                    table.Columns,
                    TableRules.Findings(table)
                ),
            ];
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
