namespace Traktor.Web.Contracts.Status;

/// <summary>How the arbiter is.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
public sealed record HealthAnswer(string Status);
