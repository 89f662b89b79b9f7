using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>Keeps a remote transaction in <c>trktr.remote_transaction</c>, to be shown with its conflicts.</summary>
internal static class TransactionRecord
{
    /// <summary>The most changes kept of one transaction; transactions that are read whole have no more.</summary>
    private const int MostChanges = RemoteTransactionReader.MostChanges;

    private const string Keep =
        "insert into trktr.remote_transaction (subscription, lsn, xid, committed, change_count, changes, is_truncated) "
        + "select $1, $2, $3, $4, $5, $6, $7 where exists (select from trktr.history where subscription = $1 and lsn = $2) on "
        + "conflict (subscription, lsn) do nothing";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Keeps the transaction if it has an entry in the history.</summary>
    public static NpgsqlBatchCommand KeepIfConflicting(
        string subscription,
        RemoteTransaction transaction,
        IReadOnlyList<RemoteChange> changes,
        long count
    )
    {
        var command = new NpgsqlBatchCommand(Keep);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(
            new NpgsqlParameter<NpgsqlLogSequenceNumber> { TypedValue = transaction.Lsn, NpgsqlDbType = NpgsqlDbType.PgLsn }
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = transaction.Xid, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(
            new NpgsqlParameter<DateTime> { TypedValue = transaction.Committed, NpgsqlDbType = NpgsqlDbType.TimestampTz }
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = count, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Text(changes), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(
            new NpgsqlParameter<bool> { TypedValue = count > Math.Min(changes.Count, MostChanges), NpgsqlDbType = NpgsqlDbType.Boolean }
        );
        return command;
    }

    /// <summary>A row as JSON, with values in PostgreSQL's text form.</summary>
    public static string? Text(RemoteRelation relation, string?[]? values, bool onlyKey = false) =>
        Row(relation, values, onlyKey) is { } row ? JsonSerializer.Serialize(row, Json) : null;

    private static string Text(IReadOnlyList<RemoteChange> changes) =>
        JsonSerializer.Serialize(
            changes
                .Take(MostChanges)
                .Select(change =>
                    change is RowChange row
                        ? new
                        {
                            ordinal = row.Ordinal,
                            operation = ConflictWords.Of(row.Kind),
                            relation = row.Relation.Table.ToString(),
                            key = Row(row.Relation, row.Old ?? row.New, onlyKey: true),
                            old = row.Old is null ? null : Row(row.Relation, row.Old, onlyKey: false),
                            row = Row(row.Relation, row.New, onlyKey: false),
                        }
                        : (object)
                            new
                            {
                                ordinal = change.Ordinal,
                                operation = "truncate",
                                relation = string.Join(", ", ((Truncation)change).Relations.Select(relation => relation.Table)),
                            }
                ),
            Json
        );

    private static Dictionary<string, string?>? Row(RemoteRelation relation, string?[]? values, bool onlyKey)
    {
        if (values is null)
            return null;
        var row = new Dictionary<string, string?>(values.Length, StringComparer.Ordinal);
        for (var i = 0; i < values.Length; i++)
            if (!RowChange.IsUnchanged(values[i]) && (!onlyKey || relation.Columns[i].IsKey))
                row[relation.Columns[i].Name] = values[i];
        return row;
    }
}
