using System.Text.Json.Serialization;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Conflicts;

/// <summary>The version of a row that the caller has seen.</summary>
/// <param name="Stamp">When it was written, ISO 8601; null for no row.</param>
/// <param name="Origin">The node that wrote it; null when that is not known.</param>
internal sealed record ExpectedRow([property: JsonConverter(typeof(UtcTimeJson))] DateTimeOffset? Stamp = null, int? Origin = null)
{
    public static ExpectedRow? Of(ExpectedVersion? version) => version is null ? null : new ExpectedRow(version.Stamp, version.Origin);

    public ExpectedVersion ToVersion() => new(Stamp, Origin);
}
