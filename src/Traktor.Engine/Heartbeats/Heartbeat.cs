namespace Traktor.Engine.Heartbeats;

/// <summary>
/// A heartbeat as it was applied here, or sent. A node sends one when its arbiter has processed all that had arrived
/// when <paramref name="Vector"/> was read, so that it says: what those heartbeats' senders had sent before them is
/// applied and answered, and the answers are in my stream before this.
/// </summary>
/// <param name="Node">NodeID of its sender.</param>
/// <param name="Seq">Its number; grows by one.</param>
/// <param name="Xid"> The local transaction that applied it: what came before it in the same stream has smaller ones.
/// Of the own heartbeats the oldest transaction that still ran when it was sent (<c>pg_snapshot_xmin</c>): whatever has
/// smaller ones is in the stream before it.
/// </param>
/// <param name="Vector">What its sender had applied.</param>
public sealed record Heartbeat(int Node, long Seq, ulong Xid, NodeVector Vector);
