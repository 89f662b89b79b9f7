using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Marks;

/// <summary>The state of a table's mark and filter triggers; a row of <c>trktr.marking</c>.</summary>
/// <param name="Table">The table.</param>
/// <param name="IsPartitioned">Whether it is partitioned.</param>
/// <param name="WantsMarks">Whether its transactions should be marked: it is published, and this node marks.</param>
/// <param name="WantsFilter">Whether it is received in a filtered stream.</param>
/// <param name="IsMarked">Whether its mark triggers are complete and enabled.</param>
/// <param name="IsFiltered">Whether its filter trigger exists and is enabled.</param>
/// <param name="HasMarks">Whether any of the mark triggers exists.</param>
/// <param name="HasFilter">Whether a filter trigger exists.</param>
public sealed record TableMarking(
    TableName Table,
    bool IsPartitioned,
    bool WantsMarks,
    bool WantsFilter,
    bool IsMarked,
    bool IsFiltered,
    bool HasMarks,
    bool HasFilter
)
{
    /// <summary>
    /// The statements that establish the wanted state, each usable alone; none when it is established.
    /// </summary>
    /// <param name="node">This node.</param>
    public IEnumerable<string> Statements(int node)
    {
        if (WantsMarks && !IsMarked)
            yield return MarkSql.InstallMarks(node, Table, IsPartitioned);
        if (!WantsMarks && HasMarks)
            yield return MarkSql.RemoveMarks(Table);
        if (WantsFilter && !IsFiltered)
            yield return MarkSql.InstallFilter(Table);
        if (!WantsFilter && HasFilter)
            yield return MarkSql.RemoveFilter(Table);
    }

    /// <summary>The named tables that exist; without names, those not in the wanted state.</summary>
    public static async Task<IReadOnlyList<TableMarking>> ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> tables,
        CancellationToken cancel
    )
    {
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                SqlFile.Read("Marks/read_marking.sql"),
                new { schemas = tables.Select(table => table.Schema).ToArray(), names = tables.Select(table => table.Name).ToArray() },
                cancellationToken: cancel
            )
        );
        return
        [
            .. rows.Select(row => new TableMarking(
                new TableName(row.Schema, row.Name),
                row.IsPartitioned,
                row.WantsMarks,
                row.WantsFilter,
                row.IsMarked,
                row.IsFiltered,
                row.HasMarks,
                row.HasFilter
            )),
        ];
    }

    private sealed record Row(
        string Schema,
        string Name,
        bool IsPartitioned,
        bool WantsMarks,
        bool WantsFilter,
        bool IsMarked,
        bool IsFiltered,
        bool HasMarks,
        bool HasFilter
    );
}
