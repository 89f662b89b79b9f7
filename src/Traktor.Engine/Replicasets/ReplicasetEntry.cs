using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Replicasets;

/// <summary>A table of the replicaset as stored in the database.</summary>
/// <param name="Table">The table.</param>
/// <param name="State">What was staged or committed.</param>
/// <param name="Policy">Its conflict policy.</param>
/// <param name="Detector">Whether its silent conflicts are detected.</param>
/// <param name="Opening">The current attempt to open it; null when there is none.</param>
/// <param name="Excluded">Peers that it was opened without, with force.</param>
/// <param name="Exists">Whether the table exists.</param>
/// <param name="IsOpen">Whether its rows are sent to every peer.</param>
/// <param name="IsClosed">Whether it is published to every peer, still without rows.</param>
/// <param name="AheadOpen">Peers to which alone its rows are sent.</param>
/// <param name="AheadClosed">Peers to which alone it is published, still without rows.</param>
/// <param name="Words">Each peer's report on the current opening.</param>
/// <param name="Resync">Peers that may lack rows of it.</param>
public sealed record ReplicasetEntry(
    TableName Table,
    TableState State,
    string Policy,
    bool Detector,
    Guid? Opening,
    IReadOnlyList<int> Excluded,
    bool Exists,
    bool IsOpen,
    bool IsClosed,
    IReadOnlySet<int> AheadOpen,
    IReadOnlySet<int> AheadClosed,
    IReadOnlyDictionary<int, Readiness> Words,
    IReadOnlyList<ResyncMark> Resync
)
{
    /// <summary>When it was proven to be equal, last; null when it never was.</summary>
    public TableProof? Proof { get; init; }

    /// <summary>Whether its rows are sent to any peer, or would be if there were peers.</summary>
    public bool IsFlowing => IsOpen || AheadOpen.Count > 0;

    /// <summary>The statements that remove it from each of our publications.</summary>
    public IEnumerable<string> Removals()
    {
        if (IsOpen || IsClosed)
            yield return PublicationSql.Remove(ObjectNames.Publication, Table);
        foreach (var node in AheadOpen.Union(AheadClosed))
            yield return PublicationSql.Remove(ObjectNames.PublicationFor(node), Table);
    }

    public static async Task<IReadOnlyList<ReplicasetEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(SqlFile.Read("Replicasets/read_replicaset.sql"), cancellationToken: cancel)
        );
        return [.. rows.Select(row => row.ToEntry())];
    }

    private sealed record Word(int Node, string Stage, string? Reason);

    // Set by name, not through a constructor: Dapper cannot match a constructor's array parameters.
    private sealed class Row
    {
        private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
        private static readonly JsonSerializerOptions Snake = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        };

        public string Schema { get; set; } = "";

        public string Name { get; set; } = "";

        public string State { get; set; } = "";

        public string Policy { get; set; } = "";

        public bool Detector { get; set; }

        public Guid? Opening { get; set; }

        public int[] Excluded { get; set; } = [];

        public bool Exists { get; set; }

        public bool IsOpen { get; set; }

        public bool IsClosed { get; set; }

        public int[] AheadOpen { get; set; } = [];

        public int[] AheadClosed { get; set; } = [];

        public string Words { get; set; } = "[]";

        public string Resync { get; set; } = "[]";

        public string? Proof { get; set; }

        public ReplicasetEntry ToEntry() =>
            new(
                new TableName(Schema, Name),
                State switch
                {
                    "committed" => TableState.Committed,
                    "pending-remove" => TableState.PendingRemove,
                    _ => TableState.PendingAdd,
                },
                Policy,
                Detector,
                Opening,
                Excluded,
                Exists,
                IsOpen,
                IsClosed,
                AheadOpen.ToHashSet(),
                AheadClosed.ToHashSet(),
                JsonSerializer
                    .Deserialize<Word[]>(Words, Json)!
                    .ToDictionary(word => word.Node, word => new Readiness(Enum.Parse<Stage>(word.Stage, ignoreCase: true), word.Reason)),
                JsonSerializer.Deserialize<ResyncMark[]>(Resync, Snake)!
            )
            {
                Proof = Proof is null ? null : JsonSerializer.Deserialize<TableProof>(Proof, Snake),
            };
    }
}
