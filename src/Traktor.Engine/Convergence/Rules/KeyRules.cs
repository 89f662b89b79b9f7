using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// Decides contested keys. Pure functions: the arbiter runs them on what it reads from the database, the simulation on
/// generated states. The greatest known version wins, tombstones included; <c>docs/design/convergence.md</c> explains
/// why all nodes then end equal.
/// </summary>
public static class KeyRules
{
    private static readonly IReadOnlyList<Loss> NoLosses = [];

    /// <summary>Decides a key from everything that waits for it.</summary>
    /// <param name="state">The key's state.</param>
    /// <param name="nextHeartbeat">Number of the next heartbeat that this node sends.</param>
    /// <returns>The decision; null when there is nothing to store, write or announce.</returns>
    public static KeyOutcome? Decide(KeyState state, long nextHeartbeat)
    {
        var (row, contested) = (state.Row, state.Contested);
        var overwrites = Overwrite.ByTransaction(state.Overwrites);
        var best = RowVersion.Greater(contested?.Version, row);
        foreach (var entry in overwrites)
            best = RowVersion.Greater(RowVersion.Greater(best, entry.New), entry.Old);
        foreach (var winner in state.Winners)
            best = RowVersion.Greater(best, winner);
        if (row is null)
            best = RowVersion.Greater(best, DeletedHere(state.Now.Node, contested, overwrites));
        var isBehind = false;
        foreach (var winner in state.Winners)
            isBehind |= winner < best;
        if (best is not { } version)
            return null;

        var isUnapplied = NeedsWriting(row, contested, version, isOverwritten: overwrites.Count > 0);
        if (contested is not null && !isUnapplied && state.Winners.Count == 0 && IsSuccession(overwrites, row, contested))
            return new KeyOutcome(
                new ContestedKey(
                    version,
                    contested.Touched,
                    IsSent: false,
                    IsUnapplied: false,
                    Replaces: null,
                    IsUnsent: false,
                    state.Now.Committed
                ),
                SendReasons.None,
                NoLosses
            );

        var isUntouched =
            contested is not null && contested.Version.CompareTo(version) == 0 && overwrites.Count == 0 && contested.Expects(row);
        var reasons =
            (overwrites.Count > 0 ? SendReasons.Overwrite : SendReasons.None)
            | (isBehind ? SendReasons.Reply : SendReasons.None)
            | (isUnapplied && !version.IsIncomplete && !IsCompletion(row, version) ? SendReasons.Announcement : SendReasons.None)
            | (contested is { IsUnsent: true } ? SendReasons.Unsent : SendReasons.None);
        if (isUntouched && contested!.IsSent)
            reasons = SendReasons.None;
        var decided = new ContestedKey(
            version,
            nextHeartbeat,
            isUntouched && contested!.IsSent,
            isUnapplied,
            isUnapplied ? row?.Stamp : null,
            reasons != SendReasons.None,
            state.Now.Committed
        );
        return new KeyOutcome(
            decided,
            reasons,
            Losses(contested, overwrites, version),
            isUnapplied ? RowLoss(row, overwrites, version) : null
        );
    }

    /// <summary>
    /// Decides what happens to an entry that every node has acknowledged: null deletes it. An entry with an incomplete
    /// image stays. A node with the complete image would have announced it by now, so every node takes the same
    /// incomplete image as complete; unless the row was changed since, which must be announced.
    /// </summary>
    public static KeyOutcome? Purge(ContestedKey entry, RowVersion? row, long nextHeartbeat)
    {
        if (!entry.Version.IsIncomplete)
            return null;
        if (!entry.Expects(row))
            return new KeyOutcome(entry with { IsUnsent = true }, SendReasons.Unsent, NoLosses);
        var settled = new ContestedKey(
            entry.Version with
            {
                IsIncomplete = false,
            },
            nextHeartbeat,
            IsSent: true,
            IsUnapplied: true,
            row?.Stamp,
            IsUnsent: false,
            entry.Decided
        );
        return new KeyOutcome(settled, SendReasons.None, NoLosses);
    }

    /// <summary>
    /// Makes a key contested whose row was chosen by hand: all nodes shall adopt it, or delete it. Null where the row
    /// is not the expected version any more, or something else waits for the key.
    /// </summary>
    /// <param name="state">The key's state.</param>
    /// <param name="expected">The stamp that the row must have; null for a forgotten one.</param>
    /// <param name="isDeletion">Whether it is deleted.</param>
    /// <param name="after">As <c>RowChoice.After</c>.</param>
    /// <param name="nextHeartbeat">Number of the next heartbeat that this node sends.</param>
    public static ContestedKey? Choose(KeyState state, Stamp? expected, bool isDeletion, Stamp? after, long nextHeartbeat)
    {
        if (
            state is not { Row: { } row, Contested: null, Overwrites.Count: 0, Winners.Count: 0 }
            || (expected is { } known ? row.Stamp != known : row.Stamp.IsKnown)
        )
            return null;
        if (after is not { } greatest)
            return new ContestedKey(row with { IsIncomplete = false }, nextHeartbeat, false, false, null, true, state.Now.Committed);
        var next = greatest.Committed.AddMicroseconds(1);
        var stamp = new Stamp(next > state.Now.Committed ? next : state.Now.Committed, state.Now.Node);
        return new ContestedKey(
            new RowVersion(stamp, isDeletion ? null : row.Image),
            nextHeartbeat,
            IsSent: false,
            IsUnapplied: true,
            row.Stamp,
            IsUnsent: true,
            state.Now.Committed
        );
    }

    /// <summary>
    /// The tombstone of a row that existed and is missing although no applied change deleted it: the application
    /// deleted it, and no trigger sees that. The time of the deletion is unknown, only that it is after another time.
    /// The deletion is in this node's own stream, where a node with a later version detects the conflict.
    /// </summary>
    private static RowVersion? DeletedHere(int self, ContestedKey? contested, IReadOnlyList<Overwrite> overwrites)
    {
        if (overwrites.Count > 0)
        {
            // The arbiter itself may have deleted the row since. A row that existed before may have been deleted by its
            // own node, whose stream has logged nothing.
            var last = overwrites[^1];
            return contested is { IsUnapplied: false, Version.IsTombstone: true } && last.Standing < contested.Version
                ? null
                : last.Standing?.DeletedAfter(new Stamp(last.IsRefused ? default : last.LoggedAt, self));
        }

        return contested switch
        {
            { IsUnapplied: true, Replaces: not null } => new RowVersion(new Stamp(contested.Decided, self), null),
            { IsUnapplied: false, Version.IsTombstone: false } => contested.Version.DeletedAfter(new Stamp(contested.Decided, self)),
            _ => null,
        };
    }

    private static bool NeedsWriting(RowVersion? row, ContestedKey? contested, RowVersion version, bool isOverwritten)
    {
        if (row is null)
            return !version.IsTombstone;
        if (row.IsSameVersion(version))
            return row.IsIncomplete
                && !version.IsIncomplete
                && (isOverwritten || contested is null || contested.IsUnapplied || contested.Version < version);
        return row < version;
    }

    private static bool IsCompletion(RowVersion? row, RowVersion version) => row?.IsSameVersion(version) == true;

    /// <summary>
    /// Whether one node continues to write a row that only it writes, while other nodes still have the key as
    /// contested. These are ordinary changes, in order in the node's stream. Without this rule a frequently changed row
    /// would be announced forever.
    /// </summary>
    private static bool IsSuccession(IReadOnlyList<Overwrite> overwrites, RowVersion? row, ContestedKey contested)
    {
        if (overwrites.Count == 0 || row is null || row.IsIncomplete || contested.IsPending || row < contested.Version)
            return false;
        foreach (var entry in overwrites)
            if (entry.Old is null || entry.Old.Stamp.Node != entry.New?.Stamp.Node || entry.New <= entry.Old)
                return false;
        return row.Stamp.Node == overwrites[^1].New!.Stamp.Node && row >= overwrites[^1].New;
    }

    private static IReadOnlyList<Loss> Losses(ContestedKey? contested, IReadOnlyList<Overwrite> overwrites, RowVersion version)
    {
        List<Loss>? losses = null;
        foreach (var entry in overwrites)
        {
            if (entry is not { Old: { } old, New: { } made })
                continue;
            if (entry.IsRefused)
                (losses ??= []).Add(new Loss(old, made, IsLocalKept: true));
            else if (!old.IsSameVersion(version) && !entry.IsRecorded && (old.Stamp.Node != made.Stamp.Node || old > made))
                (losses ??= []).Add(new Loss(old, made, IsLocalKept: false));
        }

        // This version was to be written, but a newer one came first.
        if (contested is { IsUnapplied: true, Version.IsTombstone: false } && !contested.Version.IsSameVersion(version))
            (losses ??= []).Add(new Loss(contested.Version, version, IsLocalKept: false));
        return losses ?? NoLosses;
    }

    /// <summary>
    /// The loss of the local row that is overwritten. If it was itself applied over the version that is now restored,
    /// the restored version counts as the local one.
    /// </summary>
    private static Loss? RowLoss(RowVersion? row, IReadOnlyList<Overwrite> overwrites, RowVersion version)
    {
        if (row is null || IsCompletion(row, version))
            return null;
        foreach (var entry in overwrites)
            if (entry is { IsRefused: false, Old: { } old, New: { } made } && old.IsSameVersion(version) && row.IsSameVersion(made))
                return new Loss(old, made, IsLocalKept: true);
        return new Loss(row, version, IsLocalKept: false);
    }
}
