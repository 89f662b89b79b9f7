using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Traktor.Engine.Audit;

/// <summary>
/// The chain of a node's entries: each has the hash of the one before, so that an entry that was changed, removed or
/// added later is found. The hash is SHA-256 of the previous hash, followed by the entry's fields in the order of
/// the table's columns: each as its length in bytes of UTF-8, a colon, the text and a comma; a null as a minus sign.
/// </summary>
public static class AuditChain
{
    /// <summary>What the first entry has as the hash before.</summary>
    public static readonly byte[] Start = new byte[SHA256.HashSizeInBytes];

    /// <summary>How times are hashed: UTC, with the six digits that PostgreSQL keeps.</summary>
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>The hash that an entry must have.</summary>
    public static byte[] HashOf(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(entry.PreviousHash);
        foreach (var field in Fields(entry))
            hash.AppendData(
                Encoding.UTF8.GetBytes(
                    field is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(field)}:{field},")
                )
            );
        return hash.GetHashAndReset();
    }

    /// <summary>A time as PostgreSQL keeps it, to the microsecond.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static IEnumerable<string?> Fields(AuditEntry entry) =>
        [
            Text(entry.Node),
            entry.Incarnation.ToString("D"),
            Text(entry.Number),
            entry.At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            Text(entry.Request),
            entry.By.Kind,
            entry.By.Name,
            entry.By.Role,
            entry.By.Address,
            entry.By.Channel,
            entry.By.ViaNode is { } via ? Text(via) : null,
            entry.Action,
            entry.Target,
            AuditWords.Of(entry.Outcome),
            entry.Detail,
            entry.Before,
            entry.After,
        ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
