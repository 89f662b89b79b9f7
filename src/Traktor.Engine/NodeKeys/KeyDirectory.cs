using System.Collections.Immutable;

namespace Traktor.Engine.NodeKeys;

/// <summary>
/// The keys of the nodes in memory, as this node's database has them: arbiters can call one another while a server is
/// gone. <see cref="KeyStore"/> reads them twice a second, and at once when somebody asks. Thread-safe.
/// </summary>
/// <param name="node">This node.</param>
/// <param name="time">The clock.</param>
public sealed class KeyDirectory(int node, TimeProvider time)
{
    /// <summary>Whoever sends wrong signatures makes the database work no more often than this.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Func<Task> read = static () => Task.CompletedTask;
    private Task reading = Task.CompletedTask;
    private long? refreshed;
    private Snapshot keys = Snapshot.Empty;

    /// <summary>This node's NodeID.</summary>
    public int Node { get; } = node;

    /// <summary>
    /// This node's key pair; null when the node is not initialised, or its server has not answered since the arbiter
    /// started.
    /// </summary>
    public NodeKeyPair? Own => Volatile.Read(ref keys).Own;

    /// <summary>The key of another node; null when it is not known.</summary>
    public PublicKey? Find(int other) => Volatile.Read(ref keys).Others.GetValueOrDefault(other);

    /// <summary>
    /// Reads the keys anew, unless somebody has just asked for that. While the server is gone they stay as they are.
    /// </summary>
    public Task RefreshAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            if (reading.IsCompleted)
            {
                if (refreshed is { } last && time.GetElapsedTime(last) < RefreshInterval)
                    return Task.CompletedTask;
                refreshed = time.GetTimestamp();
                // Not for one caller to cancel: others may wait for it, too.
                reading = Task.Run(read, CancellationToken.None);
            }

            return reading.WaitAsync(cancel);
        }
    }

    /// <summary>How they are read.</summary>
    internal void ReadBy(Func<Task> reader) => read = reader;

    internal void Replace(NodeKeyPair own, IEnumerable<KeyValuePair<int, PublicKey>> others) =>
        Volatile.Write(ref keys, new Snapshot(own, others.ToImmutableDictionary()));

    internal void Clear() => Volatile.Write(ref keys, Snapshot.Empty);

    private sealed record Snapshot(NodeKeyPair? Own, ImmutableDictionary<int, PublicKey> Others)
    {
        public static readonly Snapshot Empty = new(null, ImmutableDictionary<int, PublicKey>.Empty);
    }
}
