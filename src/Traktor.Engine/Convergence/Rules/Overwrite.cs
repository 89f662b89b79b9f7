namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// A change that overwrote a version which its writer may not have seen, as logged in the change's own transaction.
/// </summary>
/// <param name="Xid">The local transaction. Several entries with one xid are one change of the key.</param>
/// <param name="Old">The overwritten version; null when there was none: the new key of a row whose key was changed, or
/// a row that the same transaction wrote before.</param>
/// <param name="New">The new version; null when the current row is to be read instead. The application changed a row's
/// key here: peers that lack the old key will not get the row, and the application may have changed it since.</param>
/// <param name="LoggedAt">When it was logged, by this node's clock.</param>
/// <param name="IsRefused">Whether the healer kept the old row, so that the new version was never written here.</param>
/// <param name="Recorded">Which losses the healer has recorded in the history itself, if the change was its
/// own.</param>
public readonly record struct Overwrite(
    ulong Xid,
    RowVersion? Old,
    RowVersion? New,
    DateTimeOffset LoggedAt,
    bool IsRefused = false,
    RecordedLosses Recorded = RecordedLosses.None
)
{
    /// <summary>The row after the change; null when there was none or the entry does not say.</summary>
    public RowVersion? Standing =>
        IsRefused ? Old
        : New is { IsTombstone: false } ? New
        : null;

    /// <summary>Whether the loss of the old version is already in the history.</summary>
    public bool IsRecorded => Recorded == RecordedLosses.All || (Recorded == RecordedLosses.Later && Old > New);

    /// <summary>
    /// Combines all entries that one transaction made for a key: from the version it found to the version it left. In
    /// the order of the overwrite log.
    /// </summary>
    public static IReadOnlyList<Overwrite> ByTransaction(IReadOnlyList<Overwrite> entries)
    {
        if (entries.Count < 2)
            return entries;
        var drawn = new List<Overwrite>(entries.Count);
        foreach (var entry in entries)
            if (drawn.Count > 0 && drawn[^1].Xid == entry.Xid && drawn[^1].IsRefused == entry.IsRefused)
                drawn[^1] = drawn[^1] with
                {
                    Old = drawn[^1].Old ?? entry.Old,
                    New = entry.New,
                    LoggedAt = entry.LoggedAt,
                    Recorded = (drawn[^1].Old is null ? entry : drawn[^1]).Recorded,
                };
            else
                drawn.Add(entry);
        return drawn;
    }
}

/// <summary>Which overwritten versions the healer records in the history itself.</summary>
public enum RecordedLosses
{
    /// <summary>None: the change is not the healer's.</summary>
    None,

    /// <summary>Those that another node wrote later than the change.</summary>
    Later,

    /// <summary>All.</summary>
    All,
}
