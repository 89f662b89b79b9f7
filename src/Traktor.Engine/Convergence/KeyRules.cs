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
        var (row, register) = (state.Row, state.Register);
        var journal = JournalEntry.ByTransaction(state.Journal);
        var best = RowVersion.Greater(register?.Version, row);
        foreach (var entry in journal)
            best = RowVersion.Greater(RowVersion.Greater(best, entry.New), entry.Old);
        foreach (var verdict in state.Verdicts)
            best = RowVersion.Greater(best, verdict);
        if (row is null)
            best = RowVersion.Greater(best, DeletedHere(state.Now.Node, register, journal));
        var isBehind = false;
        foreach (var verdict in state.Verdicts)
            isBehind |= verdict < best;
        if (best is not { } version)
            return null;

        var isDue = NeedsWriting(row, register, version, isHit: journal.Count > 0);
        if (register is not null && !isDue && state.Verdicts.Count == 0 && IsSuccession(journal, row, register))
            return new KeyOutcome(
                new RegisterEntry(
                    version,
                    register.Touched,
                    IsSent: false,
                    IsDue: false,
                    DueOver: null,
                    IsOwed: false,
                    state.Now.Committed
                ),
                SendReasons.None,
                NoLosses
            );

        var isUntouched = register is not null && register.Version.CompareTo(version) == 0 && journal.Count == 0 && register.Expects(row);
        var reasons =
            (journal.Count > 0 ? SendReasons.Hit : SendReasons.None)
            | (isBehind ? SendReasons.Reply : SendReasons.None)
            | (isDue && !version.IsPartial && !IsCompletion(row, version) ? SendReasons.Announcement : SendReasons.None)
            | (register is { IsOwed: true } ? SendReasons.Owed : SendReasons.None);
        if (isUntouched && register!.IsSent)
            reasons = SendReasons.None;
        var remembered = new RegisterEntry(
            version,
            nextHeartbeat,
            isUntouched && register!.IsSent,
            isDue,
            isDue ? row?.Stamp : null,
            reasons != SendReasons.None,
            state.Now.Committed
        );
        return new KeyOutcome(remembered, reasons, Losses(register, journal, version), isDue ? RowLoss(row, journal, version) : null);
    }

    /// <summary>
    /// What becomes of an entry that everybody has heard of: null, it is forgotten. Only a mixture stays: whoever had
    /// it complete would have said so by now, so that all take the same one for complete; unless the row was changed
    /// meanwhile, and that has to be told.
    /// </summary>
    public static KeyOutcome? Forget(RegisterEntry entry, RowVersion? row, long nextHeartbeat)
    {
        if (!entry.Version.IsPartial)
            return null;
        if (!entry.Expects(row))
            return new KeyOutcome(entry with { IsOwed = true }, SendReasons.Owed, NoLosses);
        var settled = new RegisterEntry(
            entry.Version with
            {
                IsPartial = false,
            },
            nextHeartbeat,
            IsSent: true,
            IsDue: true,
            row?.Stamp,
            IsOwed: false,
            entry.Decided
        );
        return new KeyOutcome(settled, SendReasons.None, NoLosses);
    }

    /// <summary>
    /// A row that was here and is gone, though no applied change took it: the application deleted it, which no trigger
    /// sees. When it did is not known, only after when; that it is in this node's own stream is, and whoever has a
    /// later version meets it there.
    /// </summary>
    private static RowVersion? DeletedHere(int self, RegisterEntry? register, IReadOnlyList<JournalEntry> journal)
    {
        if (journal.Count > 0)
        {
            // The arbiter itself may have taken it away since. A row that was there before may have been deleted by its
            // own node, whose stream has not noted anything.
            var last = journal[^1];
            return register is { IsDue: false, Version.IsTombstone: true } && last.Standing < register.Version
                ? null
                : last.Standing?.DeletedAfter(new Stamp(last.IsRefused ? default : last.Noted, self));
        }

        return register switch
        {
            { IsDue: true, DueOver: not null } => new RowVersion(new Stamp(register.Decided, self), null),
            { IsDue: false, Version.IsTombstone: false } => register.Version.DeletedAfter(new Stamp(register.Decided, self)),
            _ => null,
        };
    }

    private static bool NeedsWriting(RowVersion? row, RegisterEntry? register, RowVersion version, bool isHit)
    {
        if (row is null)
            return !version.IsTombstone;
        if (row.IsSameVersion(version))
            return row.IsPartial && !version.IsPartial && (isHit || register is null || register.IsDue || register.Version < version);
        return row < version;
    }

    private static bool IsCompletion(RowVersion? row, RowVersion version) => row?.IsSameVersion(version) == true;

    /// <summary>
    /// One node goes on writing a row that only it writes, while others still remember that it was contested: ordinary
    /// traffic, its stream has it in order. Were that not told apart, a hot row would be talked about for ever.
    /// </summary>
    private static bool IsSuccession(IReadOnlyList<JournalEntry> journal, RowVersion? row, RegisterEntry register)
    {
        if (journal.Count == 0 || row is null || row.IsPartial || register.IsPending || row < register.Version)
            return false;
        foreach (var entry in journal)
            if (entry.Old is null || entry.Old.Stamp.Node != entry.New?.Stamp.Node || entry.New <= entry.Old)
                return false;
        return row.Stamp.Node == journal[^1].New!.Stamp.Node && row >= journal[^1].New;
    }

    private static IReadOnlyList<Loss> Losses(RegisterEntry? register, IReadOnlyList<JournalEntry> journal, RowVersion version)
    {
        List<Loss>? losses = null;
        foreach (var entry in journal)
        {
            if (entry is not { Old: { } old, New: { } made })
                continue;
            if (entry.IsRefused)
                (losses ??= []).Add(new Loss(old, made, IsLocalKept: true));
            else if (!old.IsSameVersion(version) && !entry.IsRecorded && (old.Stamp.Node != made.Stamp.Node || old > made))
                (losses ??= []).Add(new Loss(old, made, IsLocalKept: false));
        }

        // It was to be written, and something newer was before it could be.
        if (register is { IsDue: true, Version.IsTombstone: false } && !register.Version.IsSameVersion(version))
            (losses ??= []).Add(new Loss(register.Version, version, IsLocalKept: false));
        return losses ?? NoLosses;
    }

    /// <summary>What is here, and goes; where it was applied over the very version that comes back, that one is what was here.</summary>
    private static Loss? RowLoss(RowVersion? row, IReadOnlyList<JournalEntry> journal, RowVersion version)
    {
        if (row is null || IsCompletion(row, version))
            return null;
        foreach (var entry in journal)
            if (entry is { IsRefused: false, Old: { } old, New: { } made } && old.IsSameVersion(version) && row.IsSameVersion(made))
                return new Loss(old, made, IsLocalKept: true);
        return new Loss(row, version, IsLocalKept: false);
    }
}
