using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Contracts.Access;

/// <summary>A user of the mesh.</summary>
/// <param name="Name">Name.</param>
/// <param name="Role">What the user may do.</param>
/// <param name="ChangedAt">When the password or the role was set last.</param>
/// <param name="ChangedBy">By whom, in words.</param>
internal sealed record UserAnswer(string Name, Role Role, DateTimeOffset ChangedAt, string ChangedBy)
{
    public static UserAnswer Of(Account user) => new(user.Name, user.Role, user.ChangedAt, user.ChangedBy);
}

/// <summary>The users of the mesh.</summary>
/// <param name="Node">NodeID of this node.</param>
/// <param name="Users">Them, by name.</param>
internal sealed record UsersAnswer(int Node, IReadOnlyList<UserAnswer> Users);
