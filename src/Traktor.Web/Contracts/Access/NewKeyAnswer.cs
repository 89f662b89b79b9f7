using Traktor.Engine.Access;

namespace Traktor.Web.Contracts.Access;

/// <summary>A new API key: the only answer that has the key itself.</summary>
/// <param name="Name">Name.</param>
/// <param name="Role">What its holder may do.</param>
/// <param name="Expires">When it ends; null for never.</param>
/// <param name="Key">The key. It is not stored and cannot be shown again.</param>
internal sealed record NewKeyAnswer(string Name, Role Role, DateTimeOffset? Expires, string Key)
{
    /// <summary>The name only: the generated text would show the key.</summary>
    public override string ToString() => Name;
}
