using System.Text.Json;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>
/// What a decision on one node means for the same row's conflict on another. A decision chooses one of two versions; on
/// a peer the same version may be the local one or the remote one.
/// <list type="table">
/// <listheader><term>decided here</term><description>on a peer, for a conflict of the same table and
/// key</description></listheader>
/// <item><term>keep_local</term><description>apply_remote where our local version is what waits to be applied there;
/// keep_local where it is there already.</description></item>
/// <item><term>apply_remote</term><description>the same with our remote version.</description></item>
/// <item><term>newest</term><description>newest: stamps are the same everywhere.</description></item>
/// <item><term>merge</term><description>as keep_local (as apply_remote where nothing was here): the merged row is an
/// update on top of that version, written once, here, and it follows in this node's stream behind everything that
/// waits. Whatever a peer has under the key by then is overwritten; values that the update does not carry (unchanged
/// and stored out of line) are those of that version.</description></item>
/// </list>
/// A conflict there between two other versions is left waiting: this decision says nothing about it.
/// </summary>
public static class Complement
{
    /// <summary>The decision for <paramref name="theirs"/>, and null where there is none.</summary>
    /// <param name="decided">The conflict that was decided.</param>
    /// <param name="resolution">How.</param>
    /// <param name="theirs">A conflict of the same table and key that waits on a peer.</param>
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

    /// <summary>A version of a row; without an image it is the row's absence, which is the same whoever brought it about.</summary>
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
