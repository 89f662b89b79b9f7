using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Restoring;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Convergence;

/// <summary>Finds keys and their tables. Each table is read from the catalog at most twice a second.</summary>
internal sealed class KeyTables(ConvergenceSession session, HeldKeys held, RowRestorer restorer)
{
    private readonly Dictionary<TableName, ConvergedTable?> tables = [];
    private DateTime nextLook;

    /// <summary>The keys that a statement returns.</summary>
    public async Task<List<KeyName>> NamesAsync(string statement, object parameters, CancellationToken cancel)
    {
        var json = await session.Announcing.QuerySingleAsync<string>(
            new CommandDefinition(SqlFile.Read(statement), parameters, cancellationToken: cancel)
        );
        return [.. JsonSerializer.Deserialize<string[][]>(json)!.Select(name => new KeyName(new TableName(name[0], name[1]), name[2]))];
    }

    /// <summary>The keys with their tables. Keys of a table that no longer exists are deleted.</summary>
    public async Task<List<(KeyName Name, ConvergedTable Table)>> MapAsync(IReadOnlyList<KeyName> names, CancellationToken cancel)
    {
        if (nextLook < DateTime.UtcNow)
        {
            tables.Clear();
            nextLook = DateTime.UtcNow.AddMilliseconds(500);
        }

        var keys = new List<(KeyName, ConvergedTable)>();
        foreach (var table in names.GroupBy(name => name.Table))
        {
            ConvergedTable? known;
            try
            {
                if (!tables.TryGetValue(table.Key, out known))
                    tables[table.Key] = known = await FindAsync(table.Key, cancel);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                held.Add(table.Key);
                continue;
            }
            catch (TableFault e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // Its keys wait until the table may be touched again.
                held.Add(table.Key);
                continue;
            }

            if (known is not null)
                keys.AddRange(table.Select(name => (name, known)));
            else
                await DropAsync(table.Key, cancel);
        }

        return keys;
    }

    private async Task<ConvergedTable?> FindAsync(TableName table, CancellationToken cancel)
    {
        try
        {
            return ConvergedTable.Of(await TargetTable.ReadAsync(session.Announcing, table, subscription: 0, cancel));
        }
        catch (TableFault e) when (e.SqlState != PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }

    private async Task DropAsync(TableName table, CancellationToken cancel)
    {
        await session.Announcing.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Convergence/drop_missing_table.sql"),
                new { schema = table.Schema, table = table.Name },
                cancellationToken: cancel
            )
        );
        var winners = await session.Announcing.QueryAsync<(int Node, long Seq)>(
            new CommandDefinition(
                "select node_id, seq from trktr.winner where schema_name = @schema and table_name = @table",
                new { schema = table.Schema, table = table.Name },
                cancellationToken: cancel
            )
        );
        await restorer.ClearAsync(
            [.. winners.Select(winner => new KnownKeys.Winner(0, winner.Node, winner.Seq, default, 0, null, false))],
            cancel
        );
    }
}
