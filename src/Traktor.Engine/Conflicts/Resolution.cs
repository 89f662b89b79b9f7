namespace Traktor.Engine.Conflicts;

/// <summary>What somebody decides by hand.</summary>
public enum Resolution
{
    /// <summary>What is here stays; the remote change is left out.</summary>
    KeepLocal,

    /// <summary>The remote change is applied; of an update whose row is missing, the row is inserted.</summary>
    ApplyRemote,

    /// <summary>What last_update_wins makes of it, by the stamps of the row as it is then.</summary>
    Newest,

    /// <summary>
    /// The local row stays (where there is none, the remote one is applied first), and then the given columns are
    /// written to it in a transaction of this node's own, which reaches every node like any other update.
    /// </summary>
    Merge,
}
