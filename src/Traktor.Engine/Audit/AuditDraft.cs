using System.Text;

namespace Traktor.Engine.Audit;

/// <summary>An entry that is to be written: all but what its place in the chain says.</summary>
/// <param name="By">Who acts.</param>
/// <param name="Action">What is done.</param>
/// <param name="Target">What it is done to; null for the node.</param>
/// <param name="Outcome">How the action stands.</param>
/// <param name="Request">The number of the action's first entry; null when this is it.</param>
/// <param name="Detail">Why it was refused or failed.</param>
/// <param name="Before">The target before, as JSON.</param>
/// <param name="After">The target after, as JSON.</param>
public sealed record AuditDraft(
    AuditActor By,
    string Action,
    string? Target,
    AuditOutcome Outcome,
    long? Request = null,
    string? Detail = null,
    string? Before = null,
    string? After = null
)
{
    /// <summary>The longest text that is kept, in characters; a longer one is cut.</summary>
    public const int Longest = 2000;

    /// <summary>
    /// The draft with texts that PostgreSQL stores as they are: without the character 0 and halves of surrogate pairs,
    /// which a caller can send as the name of a table.
    /// </summary>
    public AuditDraft Storable() =>
        this with
        {
            By = By with { Name = Storable(By.Name)!, Address = Storable(By.Address) },
            Target = Storable(Target),
            Detail = Storable(Detail),
        };

    private static string? Storable(string? text) =>
        text is null
            ? null
            : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length > Longest ? text[..Longest] : text)).Replace('\0', '\uFFFD');
}
