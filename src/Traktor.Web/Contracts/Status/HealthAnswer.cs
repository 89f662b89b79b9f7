namespace Traktor.Web.Contracts.Status;

/// <summary>The health of the arbiter.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
public sealed record HealthAnswer(string Status);
