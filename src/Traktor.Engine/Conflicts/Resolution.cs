namespace Traktor.Engine.Conflicts;

/// <summary>An operator's decision.</summary>
public enum Resolution
{
    /// <summary>The local row stays; the remote change is not applied.</summary>
    KeepLocal,

    /// <summary>The remote change is applied. If an update's row is missing, the row is inserted.</summary>
    ApplyRemote,

    /// <summary>As last_update_wins decides by the row's current stamp.</summary>
    Newest,

    /// <summary>
    /// The local row stays (if there is none, the remote one is applied first). Then this node writes the given columns
    /// in a transaction of its own, which replicates to every node like any update.
    /// </summary>
    Merge,
}
