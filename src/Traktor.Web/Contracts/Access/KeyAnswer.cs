using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Contracts.Access;

/// <summary>An API key of the mesh, without the key itself.</summary>
/// <param name="Name">Name.</param>
/// <param name="Role">What its holder may do.</param>
/// <param name="Expires">When it ends; null for never.</param>
/// <param name="LastUsedAt">When it was last used on this node, to the minute; null when it was not.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom, in words.</param>
internal sealed record KeyAnswer(
    string Name,
    Role Role,
    DateTimeOffset? Expires,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset CreatedAt,
    string CreatedBy
)
{
    public static KeyAnswer Of(Account key) => new(key.Name, key.Role, key.Expires, key.LastUsedAt, key.ChangedAt, key.ChangedBy);
}

/// <summary>The API keys of the mesh.</summary>
/// <param name="Node">NodeID of this node.</param>
/// <param name="Keys">Them, by name.</param>
internal sealed record KeysAnswer(int Node, IReadOnlyList<KeyAnswer> Keys);
