using Traktor.Engine.Access;

namespace Traktor.Engine.Accounts;

/// <summary>A user or an API key of the mesh.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Name">Its name, unique in its kind.</param>
/// <param name="Role">What it may do.</param>
/// <param name="SecretHash">The hash of the password, as the host makes it, or SHA-256 of the key, hexadecimal. Never
/// show it.</param>
/// <param name="Expires">When it can no longer be used; null for never.</param>
/// <param name="ChangedAt">When it was changed last. Sessions that began before have ended.</param>
/// <param name="ChangedBy">Who changed it, in words.</param>
/// <param name="LastUsedAt">When a key was last used on this node; null when it was not.</param>
public sealed record Account(
    AccountKind Kind,
    string Name,
    Role Role,
    string SecretHash,
    DateTimeOffset? Expires,
    DateTimeOffset ChangedAt,
    string ChangedBy,
    DateTimeOffset? LastUsedAt = null
)
{
    /// <summary>Whether it can be used at a time.</summary>
    public bool IsValidAt(DateTimeOffset now) => Expires is not { } end || now < end;

    /// <summary>Kind and name only: the generated text would show the hash.</summary>
    public override string ToString() => $"{AccountWords.Of(Kind)} {Name}";
}
