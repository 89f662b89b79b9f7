namespace Traktor.Engine.Joining;

/// <summary>The source does not export the snapshot any more: everything has to be copied from another one.</summary>
internal sealed class SnapshotLostException(Exception? cause = null)
    : Exception("The source does not export the snapshot any more.", cause);
