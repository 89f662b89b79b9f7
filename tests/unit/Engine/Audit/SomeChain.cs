using Traktor.Engine.Audit;

namespace Traktor.UnitTests.Engine.Audit;

/// <summary>Entries as a node writes them.</summary>
internal static class SomeChain
{
    public static readonly Guid Incarnation = new("6b1f7a52-9d0e-4c7c-8f0e-0d2f6f3c1a55");

    private static readonly AuditActor Alice = new("user", "alice", "admin", "10.0.0.1", "rest", null);

    /// <summary>An entry without its hash.</summary>
    public static AuditEntry Entry(long number) =>
        new(
            0,
            Incarnation,
            number,
            new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddSeconds(number),
            number,
            Alice,
            "pause",
            "node 1",
            AuditOutcome.Done,
            null,
            null,
            null,
            AuditChain.Start,
            []
        );

    /// <summary>A chain of entries with their hashes; <paramref name="change"/> changes each before it gets its
    /// hash.</summary>
    public static List<AuditEntry> Of(int length, Func<AuditEntry, AuditEntry>? change = null)
    {
        List<AuditEntry> chain = [];
        for (var number = 1; number <= length; number++)
        {
            var entry = Entry(number) with { PreviousHash = chain.Count == 0 ? AuditChain.Start : chain[^1].Hash };
            entry = change?.Invoke(entry) ?? entry;
            chain.Add(entry with { Hash = AuditChain.HashOf(entry) });
        }

        return chain;
    }
}
