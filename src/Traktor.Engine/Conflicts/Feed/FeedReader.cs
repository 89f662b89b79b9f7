using System.Threading.Channels;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// The bounded queue of one reader. A slow reader learns later how many changes it missed; it never delays others.
/// </summary>
public sealed class FeedReader : IDisposable
{
    /// <summary>
    /// The most batches queued for a slow reader, of up to <see cref="ConflictFeed.Page"/> conflicts each.
    /// </summary>
    public const int Capacity = 32;

    private readonly Channel<FeedBatch> channel = Channel.CreateBounded<FeedBatch>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = false }
    );
    private readonly Action<FeedReader> leave;
    private long missed;

    internal FeedReader(FeedPosition start, Action<FeedReader> leave) => (Start, this.leave) = (start, leave);

    /// <summary>The reader's first position: batches begin after it.</summary>
    public FeedPosition Start { get; }

    /// <summary>The batches; completes when the feed is closed.</summary>
    public ChannelReader<FeedBatch> Batches => channel.Reader;

    /// <summary>Stops the reader.</summary>
    public void Dispose()
    {
        channel.Writer.TryComplete();
        leave(this);
    }

    internal void Close() => channel.Writer.TryComplete();

    /// <summary>Queues a batch, or counts it as missed. Called by one thread at a time.</summary>
    internal void Offer(FeedBatch batch)
    {
        if (batch.Conflicts.Count == 0 && batch.Missed + missed == 0)
            return;
        if (channel.Writer.TryWrite(batch with { Missed = batch.Missed + missed }))
            missed = 0;
        else
            missed += batch.Conflicts.Count + batch.Missed;
    }
}
