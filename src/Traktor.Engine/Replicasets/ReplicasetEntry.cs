using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Replicasets;

/// <summary>A table of the replicaset as the database has it.</summary>
/// <param name="Table">The table.</param>
/// <param name="State">What was staged or committed.</param>
/// <param name="Policy">How its conflicts are decided.</param>
/// <param name="Detector">Whether its silent conflicts are looked for.</param>
/// <param name="Opening">The attempt to open it that is under way; null when none is.</param>
/// <param name="Excluded">Peers that it was opened without, by force.</param>
/// <param name="Exists">Whether the table exists.</param>
/// <param name="IsOpen">Whether its rows flow to every peer.</param>
/// <param name="IsClosed">Whether it is published to every peer, with nothing let through yet.</param>
/// <param name="AheadOpen">Peers to which alone its rows flow.</param>
/// <param name="AheadClosed">Peers to which alone it is published, with nothing let through yet.</param>
/// <param name="Words">What each peer said of the present opening.</param>
/// <param name="Resync">Peers that lack what was written before they had it.</param>
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
    IReadOnlyList<int> Resync
)
{
    /// <summary>Whether rows of it reach at least somebody, or would if there were peers.</summary>
    public bool IsFlowing => IsOpen || AheadOpen.Count > 0;

    /// <summary>The statements that take it out of every publication of ours.</summary>
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

    // Set by name, not through a constructor: Dapper cannot match array parameters of one.
    private sealed class Row
    {
        private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

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

        public int[] Resync { get; set; } = [];

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
                Resync
            );
    }
}
