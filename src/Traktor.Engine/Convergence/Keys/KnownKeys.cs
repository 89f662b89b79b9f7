using System.Text.Json;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>What <c>read_known.sql</c> answers.</summary>
internal sealed record KnownKeys(
    DateTimeOffset Now,
    long? Next,
    IReadOnlyList<KnownKeys.LoggedOverwrite> Overwrites,
    IReadOnlyList<KnownKeys.Said> Winners,
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
    internal sealed record Said(int N, int Node, long Seq, DateTimeOffset At, int By, string? Image, bool Incomplete);

    /// <summary>An entry of the contested keys.</summary>
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
