using System.Threading.Channels;
using Npgsql.Replication;
using NpgsqlTypes;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Reading;

/// <summary>
/// Reads remote transactions from a subscription's slot while earlier ones are applied. The buffer between reading and
/// applying is bounded: small transactions are passed on whole, several at a time, and large ones in parts.
/// </summary>
internal sealed class RemoteTransactionReader : IAsyncDisposable
{
    /// <summary>The number of changes at which a transaction is large and a batch is full.</summary>
    public const int MostChanges = 1000;

    /// <summary>The size of messages, in bytes, at which a transaction is large and a batch is full.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>The most batches that wait to be applied.</summary>
    private const int MostBatches = 8;

    private static readonly TimeSpan SlotPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SlotRetry = TimeSpan.FromMilliseconds(10);

    private readonly Conninfo conninfo;
    private readonly int node;
    private readonly int inbound;
    private readonly bool isFiltered;
    private readonly NpgsqlLogSequenceNumber from;
    private readonly CancellationTokenSource stop;
    private readonly Channel<IReadOnlyList<RemotePart>> batches = Channel.CreateBounded<IReadOnlyList<RemotePart>>(MostBatches);
    private readonly Task pump;
    private volatile LogicalReplicationConnection? stream;

    /// <param name="conninfo">The peer's connection string from the subscription.</param>
    /// <param name="node">This node.</param>
    /// <param name="inbound">The peer's NodeID.</param>
    /// <param name="isFiltered">Whether the peer may forward transactions, so that only those with its own mark are
    /// taken.</param>
    /// <param name="from">The origin's progress: transactions that end before it are applied.</param>
    /// <param name="cancel">Ends the reading.</param>
    public RemoteTransactionReader(
        Conninfo conninfo,
        int node,
        int inbound,
        bool isFiltered,
        NpgsqlLogSequenceNumber from,
        CancellationToken cancel
    )
    {
        (this.conninfo, this.node, this.inbound, this.isFiltered, this.from) = (conninfo, node, inbound, isFiltered, from);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        pump = Task.Run(PumpAsync, CancellationToken.None);
    }

    /// <summary>The parts in commit order. Completes with the error that ended the reading.</summary>
    public ChannelReader<IReadOnlyList<RemotePart>> Batches => batches.Reader;

    /// <summary>
    /// How far the slot has been read, including transactions that were not taken; zero before anything has arrived.
    /// </summary>
    public NpgsqlLogSequenceNumber Received => stream?.LastReceivedLsn ?? default;

    /// <summary>
    /// Confirms to the peer that everything before a position is applied and on disk here, so that it can remove that
    /// WAL and need not decode it again. Nothing is lost when a confirmation does not arrive.
    /// </summary>
    public async Task ConfirmAsync(NpgsqlLogSequenceNumber applied, CancellationToken cancel)
    {
        if (stream is not { } open)
            return;
        try
        {
            open.SetReplicationStatus(applied);
            await open.SendStatusUpdate(cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e) || e is InvalidOperationException or ObjectDisposedException)
        {
            // The link is down; the reading task reports it.
        }
    }

    /// <summary>
    /// Ends the reading and releases the slot. Npgsql asks the peer to end the stream, which over a dead link takes
    /// until its time-outs; after two seconds the reading is left to end by itself.
    /// </summary>
    public async ValueTask DisposeAsync() => await Task.WhenAny(EndAsync(), Task.Delay(EndPatience));

    private async Task EndAsync()
    {
        await stop.CancelAsync();
        await pump;
        stop.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            var timeout = DateTime.UtcNow + SlotPatience;
            while (!await TryReadAsync(timeout))
                await Task.Delay(SlotRetry, stop.Token);
        }
        catch (Exception e)
        {
            batches.Writer.TryComplete(e);
        }
    }

    /// <summary>Returns false when the slot is still in use.</summary>
    private async Task<bool> TryReadAsync(DateTime timeout)
    {
        await using var connection = await SlotStream.OpenAsync(conninfo, node, inbound, stop.Token);
        try
        {
            stream = connection;
            await GroupAsync(SlotStream.ReadAsync(connection, node, inbound, isFiltered, from, stop.Token));
            return true;
        }
        catch (Npgsql.PostgresException e) when (e.SqlState == Npgsql.PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < timeout)
        {
            return false;
        }
        finally
        {
            stream = null;
        }
    }

    private async Task GroupAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> messages)
    {
        var decoder = new PgOutputDecoder(isFiltered ? inbound : null);
        var batch = new List<RemotePart>();
        var (changes, changeBytes, batchChanges, batchBytes, isFirst) = (new List<RemoteChange>(), 0, 0, 0, true);
        await using var incoming = messages.GetAsyncEnumerator(stop.Token);
        while (true)
        {
            if (!await NextAsync(incoming.MoveNextAsync()))
                return;

            var message = incoming.Current;
            if (decoder.Read(message.Span, out var end) is { } change && !decoder.IsForwarded)
            {
                changes.Add(change);
                changeBytes += message.Length;
            }

            if (end is not null)
            {
                if (!decoder.IsForwarded)
                    Add(end);
                (isFirst, changes) = (true, []);
                decoder.Finish();
                if (batchChanges >= MostChanges || batchBytes >= MostBytes)
                    await FlushAsync();
            }
            else if (changes.Count >= MostChanges || changeBytes >= MostBytes)
            {
                Add(null);
                (isFirst, changes) = (false, []);
                await FlushAsync();
            }
        }

        void Add(NpgsqlLogSequenceNumber? end)
        {
            batch.Add(new RemotePart(decoder.Transaction!, changes, isFirst, end));
            (batchChanges, batchBytes, changeBytes) = (batchChanges + changes.Count + 1, batchBytes + changeBytes, 0);
        }

        // The batch is passed on while the next message is awaited. Wait for both, whichever fails: a connection must
        // not be closed while it is being read.
        async ValueTask<bool> NextAsync(ValueTask<bool> next)
        {
            if (next.IsCompleted || batch.Count == 0)
                return await next;
            var reading = next.AsTask();
            await Task.WhenAll(FlushAsync(), reading);
            return await reading;
        }

        async Task FlushAsync()
        {
            await batches.Writer.WriteAsync(batch, stop.Token);
            (batch, batchChanges, batchBytes) = ([], 0, 0);
        }
    }
}
