namespace Traktor.Engine.Audit;

/// <summary>An entry of the audit log: a row of <c>trktr.audit</c>. An action has two, one before and one after
/// it.</summary>
/// <param name="Node">The node on which it was done, whose arbiter wrote the entry.</param>
/// <param name="Incarnation">The database that the node was then. Its entries are one chain.</param>
/// <param name="Number">The entry's number in its chain: 1, 2, 3 and so on.</param>
/// <param name="At">When it was written, by that arbiter's clock.</param>
/// <param name="Request">The number of the action's first entry; of a first entry, its own.</param>
/// <param name="By">Who acted, and from where.</param>
/// <param name="Action">What was done: the name of an action.</param>
/// <param name="Target">What it was done to, for example <c>node 1</c> or a table; null for the node itself.</param>
/// <param name="Outcome">How the action stands.</param>
/// <param name="Detail">Why it was refused or failed; null otherwise.</param>
/// <param name="Before">The target before the action, as JSON; null when it did not exist, or is not known.</param>
/// <param name="After">The target after the action, as JSON; null when it does not exist, or is not known.</param>
/// <param name="PreviousHash">The hash of the entry before in the chain, 32 bytes; 32 zero bytes for the first.</param>
/// <param name="Hash">The hash of the entry, 32 bytes: see <see cref="AuditChain"/>.</param>
public sealed record AuditEntry(
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
    string? Before,
    string? After,
    byte[] PreviousHash,
    byte[] Hash
);
