using System.Text.Json;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>
/// What a decision on one node means for the conflict of the same row on another node. A decision chooses one of two
/// versions; on a peer the same version may be the local or the remote one.
/// <list type="table">
/// <listheader><term>decided here</term><description>on a peer, for a conflict of the same table and
/// key</description></listheader>
/// <item><term>keep_local</term><description>apply_remote where this node's local version is the remote version there;
/// keep_local where it is the local version there.</description></item>
/// <item><term>apply_remote</term><description>the same with this node's remote version.</description></item>
/// <item><term>newest</term><description>newest: stamps are the same on every node.</description></item>
/// <item><term>merge</term><description>as keep_local (as apply_remote where there was no local row): the merged row is
/// an update of that version, written once, on this node, and it follows in this node's stream behind everything that
/// waits. It overwrites whatever a peer has under the key by then; values that the update does not send (unchanged
/// TOASTed values) are those of that version.</description></item>
/// </list>
/// A peer's conflict between two other versions keeps waiting: this decision does not apply to it.
/// </summary>
public static class Complement
{
    /// <summary>The decision for <paramref name="theirs"/>; null where there is none.</summary>
    /// <param name="decided">The conflict that was decided.</param>
    /// <param name="resolution">The decision.</param>
    /// <param name="theirs">A waiting conflict of the same table and key on a peer.</param>
    public static Resolution? Of(HistoryEntry decided, Resolution resolution, HistoryEntry theirs)
    {
        if (resolution == Resolution.Newest)
            return Resolution.Newest;
        var winner =
            resolution == Resolution.ApplyRemote || (resolution == Resolution.Merge && IsNothing(decided.LocalRow))
                ? Remote(decided)
                : Local(decided);
        if (winner.IsSame(Remote(theirs)))
            return Resolution.ApplyRemote;
        return winner.IsSame(Local(theirs)) ? Resolution.KeepLocal : null;
    }

    private static Version Local(HistoryEntry entry) => new(entry.LocalRow, entry.LocalVersion);

    private static Version Remote(HistoryEntry entry) => new(entry.Operation == "delete" ? null : entry.RemoteRow, entry.RemoteVersion);

    private static bool IsNothing(JsonElement? row) => row is null or { ValueKind: JsonValueKind.Null };

    /// <summary>
    /// A version of a row. Without an image it is the absence of the row, which is the same whichever node deleted it.
    /// </summary>
    private readonly record struct Version(JsonElement? Row, Stamp? Stamp)
    {
        public bool IsSame(Version other)
        {
            if (IsNothing(Row) || IsNothing(other.Row))
                return IsNothing(Row) && IsNothing(other.Row);
            return Stamp is { } mine && other.Stamp is { } theirs ? mine == theirs : RowImage.AreSame(Row!.Value, other.Row!.Value);
        }
    }
}
