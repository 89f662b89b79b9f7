using System.Text.Json;
using Traktor.Engine.Audit;

namespace Traktor.Web.Contracts.Access;

/// <summary>A page of the audit log.</summary>
/// <param name="Node">NodeID of this node.</param>
/// <param name="Entries">The entries, newest first.</param>
/// <param name="Next">Where the next page begins; null on the last.</param>
internal sealed record AuditAnswer(int Node, IReadOnlyList<AuditEntryAnswer> Entries, string? Next)
{
    public static AuditAnswer Of(AuditPage page) => new(page.Node, [.. page.Entries.Select(AuditEntryAnswer.Of)], page.Next?.ToString());
}

/// <summary>An entry of the audit log.</summary>
/// <param name="Node">The node on which it was done.</param>
/// <param name="Incarnation">The database that the node was then.</param>
/// <param name="Number">The entry's number in its chain.</param>
/// <param name="At">When it was written.</param>
/// <param name="Request">The number of the action's first entry.</param>
/// <param name="By">Who acted.</param>
/// <param name="Action">What was done.</param>
/// <param name="Target">What it was done to; null for the node itself.</param>
/// <param name="Outcome">How the action stands.</param>
/// <param name="Detail">Why it was refused, denied or failed.</param>
/// <param name="Before">The target before.</param>
/// <param name="After">The target after.</param>
/// <param name="PreviousHash">The hash of the entry before, hexadecimal.</param>
/// <param name="Hash">The entry's hash, hexadecimal.</param>
internal sealed record AuditEntryAnswer(
    int Node,
    Guid Incarnation,
    long Number,
    DateTimeOffset At,
    long Request,
    AuditActor By,
    string Action,
    string? Target,
    AuditOutcome Outcome,
    string? Detail,
    JsonElement? Before,
    JsonElement? After,
    string PreviousHash,
    string Hash
)
{
    public static AuditEntryAnswer Of(AuditEntry entry) =>
        new(
            entry.Node,
            entry.Incarnation,
            entry.Number,
            entry.At,
            entry.Request,
            entry.By,
            entry.Action,
            entry.Target,
            entry.Outcome,
            entry.Detail,
            Json(entry.Before),
            Json(entry.After),
            Convert.ToHexStringLower(entry.PreviousHash),
            Convert.ToHexStringLower(entry.Hash)
        );

    // Somebody may have changed the text in the table: it is shown as text then, and the hash does not fit.
    private static JsonElement? Json(string? text)
    {
        if (text is null)
            return null;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
