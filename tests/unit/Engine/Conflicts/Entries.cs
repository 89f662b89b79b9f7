using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.UnitTests.Engine.Conflicts;

/// <summary>Rows of the history for tests.</summary>
internal static class Entries
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static HistoryEntry Entry(
        long id,
        ConflictType type = ConflictType.InsertExists,
        string operation = "insert",
        string? local = """{"id":1,"payload":"here"}""",
        string? remote = """{"id":1,"payload":"there"}""",
        Stamp? localStamp = null,
        Stamp? remoteStamp = null,
        string key = """{"id":1}""",
        long? revision = null
    ) =>
        new()
        {
            Id = id,
            Occurred = Noon,
            Lsn = "0/100",
            Ordinal = 1,
            Subscription = "trktr_sub_0_1",
            Peer = 1,
            Relation = "shop.orders",
            ConflictType = type,
            Operation = operation,
            Key = Json(key),
            LocalRow = Json(local),
            LocalStamp = localStamp?.Committed,
            LocalOrigin = localStamp?.Node,
            RemoteRow = Json(remote),
            RemoteStamp = remoteStamp?.Committed,
            RemoteOrigin = remoteStamp?.Node,
            Revision = revision,
        };

    public static JsonElement? Json(string? text) => text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);
}
