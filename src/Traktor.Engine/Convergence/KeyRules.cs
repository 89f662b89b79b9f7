using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence;

/// <summary>
/// Decides a contested key: pure functions, which the arbiter runs on what it read from the database and the simulation
/// on what it made up. The greatest version of all that is known wins, tombstones included;
/// <c>docs/design/convergence.md</c> tells why that ends equal everywhere.
/// </summary>
public static class KeyRules
{
    private static readonly IReadOnlyList<Loss> NoLosses = [];

    /// <summary>Looks at all that waits of a key.</summary>
    /// <param name="state">What there is of it.</param>
    /// <param name="nextHeartbeat">Number of the next heartbeat that this node sends.</param>
    /// <returns>What becomes of it; null when there is nothing to remember, write or say.</returns>
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
        var remembered = new ContestedKey(
            version,
            nextHeartbeat,
            isUntouched && contested!.IsSent,
            isUnapplied,
            isUnapplied ? row?.Stamp : null,
            reasons != SendReasons.None,
            state.Now.Committed
        );
        return new KeyOutcome(
            remembered,
            reasons,
            Losses(contested, overwrites, version),
            isUnapplied ? RowLoss(row, overwrites, version) : null
        );
    }

    /// <summary>
    /// What becomes of an entry that everybody has acknowledged: null, it is forgotten. Only an incomplete image stays: whoever had
    /// it complete would have said so by now, so that all take the same one for complete; unless the row was changed
    /// meanwhile, and that has to be told.
    /// </summary>
    public static KeyOutcome? Forget(ContestedKey entry, RowVersion? row, long nextHeartbeat)
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
    /// A row that was here and is gone, though no applied change took it: the application deleted it, which no trigger
    /// sees. When it did is not known, only after when; that it is in this node's own stream is, and whoever has a
    /// later version meets it there.
    /// </summary>
    private static RowVersion? DeletedHere(int self, ContestedKey? contested, IReadOnlyList<Overwrite> overwrites)
    {
        if (overwrites.Count > 0)
        {
            // The arbiter itself may have taken it away since. A row that was there before may have been deleted by its
            // own node, whose stream has not noted anything.
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
    /// One node goes on writing a row that only it writes, while others still remember that it was contested: ordinary
    /// traffic, its stream has it in order. Were that not told apart, a hot row would be talked about for ever.
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

        // It was to be written, and something newer was before it could be.
        if (contested is { IsUnapplied: true, Version.IsTombstone: false } && !contested.Version.IsSameVersion(version))
            (losses ??= []).Add(new Loss(contested.Version, version, IsLocalKept: false));
        return losses ?? NoLosses;
    }

    /// <summary>What is here, and goes; where it was applied over the very version that comes back, that one is what was here.</summary>
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
