namespace Traktor.Engine.Heartbeats;

/// <summary>
/// A heartbeat that was applied or sent on this node. It states that whatever the other nodes sent before the
/// heartbeats in <paramref name="Vector"/> is applied, processed and answered, and that the answers precede it in the
/// sender's stream.
/// </summary>
/// <param name="Node">NodeID of its sender.</param>
/// <param name="Seq">Its number; increases by one.</param>
/// <param name="Xid">The local transaction that applied it: transactions earlier in the same stream have smaller xids.
/// For this node's own heartbeats, the oldest transaction that was running when it was sent (<c>pg_snapshot_xmin</c>):
/// all smaller xids precede it in the stream.</param>
/// <param name="Vector">What its sender had processed.</param>
public sealed record Heartbeat(int Node, long Seq, ulong Xid, NodeVector Vector);
