using System.Text.Json;

namespace Traktor.Engine.Convergence;

/// <summary>What <c>read_known.sql</c> answers.</summary>
internal sealed record KnownKeys(
    DateTimeOffset Now,
    long? Next,
    IReadOnlyList<KnownKeys.Hit> Journal,
    IReadOnlyList<KnownKeys.Said> Verdicts,
    IReadOnlyList<KnownKeys.Kept> Register
)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static KnownKeys Read(string json) => JsonSerializer.Deserialize<KnownKeys>(json, Json)!;

    /// <summary>An entry of the journal.</summary>
    internal sealed record Hit(
        int N,
        long Id,
        decimal Xid,
        DateTimeOffset Noted,
        bool Refused,
        string Recorded,
        string? OldRow,
        DateTimeOffset? OldAt,
        int? OldNode,
        bool OldPartial,
        bool IsHere,
        string? NewRow,
        DateTimeOffset? NewAt,
        int? NewNode,
        bool NewPartial
    );

    /// <summary>A verdict that arrived.</summary>
    internal sealed record Said(int N, int Node, long Seq, DateTimeOffset At, int By, string? Image, bool Partial);

    /// <summary>An entry of the register.</summary>
    internal sealed record Kept(
        int N,
        DateTimeOffset At,
        int By,
        string? Image,
        bool Partial,
        long Touched,
        bool Sent,
        bool Due,
        DateTimeOffset? DueAt,
        int? DueNode,
        bool Owed,
        DateTimeOffset Decided
    );
}
