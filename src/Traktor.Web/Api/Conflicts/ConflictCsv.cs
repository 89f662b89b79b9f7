using System.Globalization;
using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Api.Conflicts;

/// <summary>Conflicts as lines of a CSV file (RFC 4180): one column a field, rows and keys as JSON.</summary>
internal static class ConflictCsv
{
    /// <summary>The names of the columns, with the line's end.</summary>
    public const string Header =
        "node,id,occurred,state,relation,conflict_type,operation,peer,key,local_row,local_stamp,local_origin,"
        + "remote_row,remote_stamp,remote_origin,unique_index,policy,outcome,decision,decided_by,decided_at,"
        + "resolution,resolved,resolved_by,sql_state_code,reason\r\n";

    public static string Line(int node, HistoryEntry entry) =>
        string.Join(
            ',',
            new[]
            {
                Number(node),
                Number(entry.Id),
                Time(entry.Occurred),
                ConflictWords.Of(entry.State),
                CsvText.Of(entry.Relation),
                ConflictWords.Of(entry.ConflictType),
                entry.Operation,
                Number(entry.Peer),
                CsvText.Of(Json(entry.Key)),
                CsvText.Of(Json(entry.LocalRow)),
                Time(entry.LocalStamp),
                Number(entry.LocalOrigin),
                CsvText.Of(Json(entry.RemoteRow)),
                Time(entry.RemoteStamp),
                Number(entry.RemoteOrigin),
                CsvText.Of(entry.UniqueIndex),
                Word(entry.Policy),
                Word(entry.Outcome),
                Word(entry.Decision),
                CsvText.Of(entry.DecidedBy),
                Time(entry.DecidedAt),
                CsvText.Of(entry.Resolution),
                Time(entry.Resolved),
                CsvText.Of(entry.ResolvedBy),
                CsvText.Of(entry.SqlStateCode),
                CsvText.Of(entry.Reason),
            }
        ) + "\r\n";

    private static string? Json(JsonElement? json) =>
        json is { } value ? JsonSerializer.Serialize(value, ApiJsonOptions.Wire.JsonElement) : null;

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Word<T>(T? value)
        where T : struct, Enum => value is { } known ? ConflictWords.Of(known) : null;
}
