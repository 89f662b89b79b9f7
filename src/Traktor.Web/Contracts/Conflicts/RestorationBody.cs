using Traktor.Engine.Conflicts.Decisions;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Conflicts;

/// <summary>The version to bring back.</summary>
/// <param name="Version">local or remote, as the conflict has them.</param>
/// <param name="Expected">The version of the row that the caller has seen; 409 when the row is another one by now.
/// Without it any version is accepted.</param>
/// <param name="By">Who brings it back, for the record; without it the caller's name.</param>
internal sealed record RestorationBody(
    RowSide Version,
    ExpectedRow? Expected = null,
    [property: TextLength(HandDecision.LongestBy)] string? By = null
) : IRequest
{
    public static string Wanted =>
        "Send {\"version\": \"local\"} or {\"version\": \"remote\"}; \"expected\": {\"stamp\", \"origin\"} and \"by\" are optional.";
}
