namespace Traktor.Web.Contracts.Access;

/// <summary>The removal of a user or an API key.</summary>
/// <param name="Name">Name.</param>
/// <param name="Removed">True.</param>
internal sealed record RemovalAnswer(string Name, bool Removed);
