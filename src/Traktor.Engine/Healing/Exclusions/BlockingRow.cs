using System.Globalization;
using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Healing.Exclusions;

/// <summary>A local row that blocks a remote row.</summary>
/// <param name="Index">The unique index or exclusion constraint.</param>
/// <param name="IsIdentity">Whether it is the index by which rows are found.</param>
/// <param name="Table">The oid of the table or partition that holds it.</param>
/// <param name="Place">Its place there (<c>ctid</c>). The row is locked, so its place does not change.</param>
/// <param name="Image">The row.</param>
/// <param name="At">When it was committed; null when that is not known.</param>
/// <param name="Node">The node that wrote it; null when that is not known.</param>
/// <param name="IsOwn">Whether the transaction being applied wrote it itself.</param>
/// <param name="RemoteImage">The remote row.</param>
internal sealed record BlockingRow(
    string Index,
    bool IsIdentity,
    long Table,
    string Place,
    string Image,
    DateTimeOffset? At,
    int? Node,
    bool IsOwn,
    string RemoteImage
)
{
    public Stamp? Stamp(int thisNode) => At is { } at ? new Stamp(at, Node ?? thisNode) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index} {Place}");
}
