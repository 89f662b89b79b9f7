using Traktor.Engine.Access;

namespace Traktor.Web.Security.Signatures;

/// <summary>
/// An actor as the signature of a call has it: role, kind, name and address, percent-encoded, with colons between them.
/// </summary>
internal static class ActorText
{
    private const int LongestAddress = 64;

    public static string Of(Actor actor) =>
        string.Join(
            ':',
            AccessWords.Of(actor.Role),
            AccessWords.Of(actor.Kind),
            Uri.EscapeDataString(actor.Name),
            Uri.EscapeDataString(actor.Address ?? "")
        );

    /// <summary>Reads the text; null when it is no actor.</summary>
    public static Actor? Parse(string text) =>
        text.Split(':') is [var role, var kind, var name, var address]
        && AccessWords.RoleOf(role) is { } known
        && AccessWords.KindOf(kind) is { } how
        && Uri.UnescapeDataString(name) is { Length: > 0 and <= Actor.LongestName } who
        && Uri.UnescapeDataString(address) is { Length: <= LongestAddress } where
        && !who.Concat(where).Any(char.IsControl)
            ? new Actor(how, who, known, where.Length == 0 ? null : where)
            : null;
}
