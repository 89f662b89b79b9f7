using System.Text.Json;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>The result of <c>read_known.sql</c>.</summary>
internal sealed record KnownKeys(
    DateTimeOffset Now,
    long? Next,
    IReadOnlyList<KnownKeys.LoggedOverwrite> Overwrites,
    IReadOnlyList<KnownKeys.Winner> Winners,
    IReadOnlyList<KnownKeys.Kept> Contested
)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static KnownKeys Read(string json) => JsonSerializer.Deserialize<KnownKeys>(json, Json)!;

    /// <summary>An entry of the overwrite log.</summary>
    internal sealed record LoggedOverwrite(
        int N,
        long Id,
        decimal Xid,
        DateTimeOffset LoggedAt,
        bool Refused,
        string Recorded,
        string? OldRow,
        DateTimeOffset? OldAt,
        int? OldNode,
        bool OldIncomplete,
        bool IsHere,
        string? NewRow,
        DateTimeOffset? NewAt,
        int? NewNode,
        bool NewIncomplete
    );

    /// <summary>A winner that arrived.</summary>
    internal sealed record Winner(int N, int Node, long Seq, DateTimeOffset At, int By, string? Image, bool Incomplete);

    /// <summary>An entry of <c>trktr.contested_key</c>.</summary>
    internal sealed record Kept(
        int N,
        DateTimeOffset At,
        int By,
        string? Image,
        bool Incomplete,
        long Touched,
        bool Sent,
        bool Unapplied,
        DateTimeOffset? ReplacesAt,
        int? ReplacesNode,
        bool Unsent,
        DateTimeOffset Decided
    );
}
