using System.Threading.Channels;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// One reader's bounded queue. A reader that does not read is told later how many changes it missed; it never holds
/// anybody up.
/// </summary>
public sealed class FeedReader : IDisposable
{
    /// <summary>Batches that wait for a slow reader at most, of up to <see cref="ConflictFeed.Page"/> conflicts each.</summary>
    public const int Capacity = 32;

    private readonly Channel<FeedBatch> channel = Channel.CreateBounded<FeedBatch>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = false }
    );
    private readonly Action<FeedReader> leave;
    private long missed;

    internal FeedReader(FeedPosition start, Action<FeedReader> leave) => (Start, this.leave) = (start, leave);

    /// <summary>Where it begins: what is given out from now on comes after this position.</summary>
    public FeedPosition Start { get; }

    /// <summary>The batches, without end until the feed is closed.</summary>
    public ChannelReader<FeedBatch> Batches => channel.Reader;

    /// <summary>Stops listening.</summary>
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
