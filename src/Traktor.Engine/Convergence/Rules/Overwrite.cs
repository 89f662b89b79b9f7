namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// A change that hit a version which its writer may not have known, as the trigger noted it in the change's own
/// transaction.
/// </summary>
/// <param name="Xid">The local transaction; several entries of one are one change of the key.</param>
/// <param name="Old"> The version that was hit; null where there was none: the new key of a row whose key was changed,
/// or a row that the same transaction had written before.
/// </param>
/// <param name="New"> What the change made of it; null when that is the row's to say: the application here gave a row
/// another key, which peers that lack the old one will not get, and may have changed it since.
/// </param>
/// <param name="LoggedAt">When it was, by this node's clock.</param>
/// <param name="IsRefused">Whether the healer left the row as it was, so that the new version was never written
/// here.</param>
/// <param name="Recorded">What the healer, if it was its change, has put into the history itself.</param>
public readonly record struct Overwrite(
    ulong Xid,
    RowVersion? Old,
    RowVersion? New,
    DateTimeOffset LoggedAt,
    bool IsRefused = false,
    RecordedLosses Recorded = RecordedLosses.None
)
{
    /// <summary>What the row was then; null when it was none, or is not said.</summary>
    public RowVersion? Standing =>
        IsRefused ? Old
        : New is { IsTombstone: false } ? New
        : null;

    /// <summary>Whether the loss of the old version is in the history already.</summary>
    public bool IsRecorded => Recorded == RecordedLosses.All || (Recorded == RecordedLosses.Later && Old > New);

    /// <summary>
    /// The same with all that one transaction did to the key drawn together: from what it found to what it left. In the
    /// order of the overwrite log.
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

/// <summary>Which of the versions that it overwrites the healer puts into the history itself.</summary>
public enum RecordedLosses
{
    /// <summary>None: it is not the healer.</summary>
    None,

    /// <summary>Those that another node wrote later than its change.</summary>
    Later,

    /// <summary>All.</summary>
    All,
}
