using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Exclusions;

/// <summary>Records in <c>trktr.history</c> how a row that blocking rows exclude was decided.</summary>
internal sealed class ExclusionRecord(ApplySession session, RemoteTransaction transaction)
{
    private readonly ApplyTerms terms = session.Terms;

    /// <summary>Records one change.</summary>
    public async Task WriteAsync(
        RowRun run,
        RowChange change,
        ConflictType type,
        string index,
        List<BlockingRow> places,
        Contest contest,
        Ruling ruling,
        string? decision,
        CancellationToken cancel
    )
    {
        var shape = run.Shape;
        var waits = ruling.Outcome == Outcome.DecisionNeeded;
        await using var command = new NpgsqlCommand(SqlFile.Read("Healing/Exclusions/record_exclusion.sql"), session.Connection);
        void Add(NpgsqlDbType dbType, object? value) =>
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = dbType });
        Add(NpgsqlDbType.Text, terms.Name);
        Add(NpgsqlDbType.Integer, terms.Inbound);
        Add(NpgsqlDbType.PgLsn, transaction.Lsn);
        Add(NpgsqlDbType.Integer, change.Ordinal);
        Add(NpgsqlDbType.Text, shape.Relation.Target.Table.ToString());
        Add(NpgsqlDbType.Text, ConflictWords.Of(type));
        Add(NpgsqlDbType.Text, ConflictWords.Of(shape.Kind));
        Add(NpgsqlDbType.Text, index);
        Add(
            NpgsqlDbType.Jsonb,
            JsonSerializer.Serialize(
                shape
                    .Relation.Key.Zip(shape.KeyOf(change))
                    .ToDictionary(pair => shape.Relation.Relation.Columns[pair.First].Name, pair => pair.Second)
            )
        );
        Add(NpgsqlDbType.Jsonb, places.Count == 1 ? places[0].Image : $"[{string.Join(",", places.Select(place => place.Image))}]");
        Add(NpgsqlDbType.TimestampTz, contest.Local is { IsKnown: true } known ? known.Committed.UtcDateTime : null);
        Add(NpgsqlDbType.Integer, contest.Local?.Node);
        Add(NpgsqlDbType.Jsonb, places[0].RemoteImage);
        Add(NpgsqlDbType.TimestampTz, transaction.Committed);
        Add(
            NpgsqlDbType.Text,
            shape.Relation.Target.Policy is var policy && terms.AutoHeal
                ? ConflictWords.Of(PolicyRules.Effective(policy, terms.TracksCommits))
                : ConflictWords.Of(Policy.Manual)
        );
        Add(NpgsqlDbType.Text, ConflictWords.Of(ruling.Outcome));
        Add(
            NpgsqlDbType.Text,
            waits ? null
                : decision == "merge" ? "merge"
                : ConflictWords.Of(ruling.Outcome)
        );
        Add(NpgsqlDbType.Text, ruling.Reason);
        Add(NpgsqlDbType.Text, PostgresErrorCodes.UniqueViolation);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
