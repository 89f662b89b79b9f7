using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>
/// Records decisions on waiting rows of <c>trktr.history</c> and notifies the healer. The healer applies a transaction
/// when all its conflicts are decided: it reads <c>decision</c> and <c>merged_row</c> of its (subscription, lsn,
/// ordinal), and writes <c>resolution</c>, <c>resolved</c> and <c>resolved_by</c> together with the rows.
/// </summary>
public sealed class ConflictDecisions(LocalNode local, TableRows rows)
{
    /// <summary>
    /// Raised after a decision was committed, on the caller's thread, so handlers must return quickly. After a restart
    /// the arbiter finds decisions in the table.
    /// </summary>
    public event Action<HistoryEntry>? Decided;

    /// <summary>Records a decision for this node only.</summary>
    /// <returns>The conflict after the decision.</returns>
    /// <exception cref="RefusedException">NotFound; Conflict when it is already decided or healed, this decision is not
    /// possible, or the local row is no longer the expected version; Malformed merge row; Unavailable.</exception>
    public async Task<HistoryEntry> DecideAsync(long id, HandDecision decision, string by, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        HistoryEntry decided;
        try
        {
            var entry = await ReadAsync(connection, id, cancel) ?? throw History.NotThere(id, local.NodeId);
            var table = TableName.Parse(entry.Relation);
            var facts = (await TableFacts.ReadAsync(connection, [table], cancel)).GetValueOrDefault(table);
            if (DecisionRules.WhyNot(entry, decision, facts) is { } refusal)
                throw refusal;
            if (
                decision.Expected is { } expected
                && entry.Key is { ValueKind: JsonValueKind.Object } key
                && expected.WhyNot(await rows.FindAsync(entry.Relation, key, cancel)) is { } changed
            )
                throw changed;
            var row = await connection.QuerySingleOrDefaultAsync<string>(
                new CommandDefinition(
                    SqlFile.Read("Conflicts/Decisions/record_decision.sql"),
                    new
                    {
                        id,
                        decision = ConflictWords.Of(decision.Resolution),
                        row = decision.Row?.GetRawText(),
                        by,
                    },
                    cancellationToken: cancel
                )
            );
            // Another session, or the healer, was faster since the check above.
            decided = row is null
                ? throw DecisionRules.TooLate(await ReadAsync(connection, id, cancel) ?? throw History.NotThere(id, local.NodeId))
                : HistoryJson.Read<HistoryEntry>(row);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }

        Decided?.Invoke(decided);
        return decided;
    }

    private static async Task<HistoryEntry?> ReadAsync(NpgsqlConnection connection, long id, CancellationToken cancel) =>
        await connection.QuerySingleOrDefaultAsync<string>(
            new CommandDefinition("select to_json(h)::text from trktr.history h where h.id = @id", new { id }, cancellationToken: cancel)
        )
            is { } row
            ? HistoryJson.Read<HistoryEntry>(row)
            : null;
}
