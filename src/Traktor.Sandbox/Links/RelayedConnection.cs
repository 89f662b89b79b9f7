using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Traktor.Sandbox.Links;

/// <summary>One connection through a relay: two pumps, each with a queue that delays the bytes.</summary>
internal sealed class RelayedConnection(Socket client, Passage passage, Func<TimeSpan> delay) : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>
    /// Limits the bytes under way to 16 MB in each direction; then the sender waits, as with any full network buffer.
    /// </summary>
    private const int ChunksOnTheWay = 256;

    private readonly Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource ended = new();

    /// <summary>Forwards bytes until both sides have closed or one has failed.</summary>
    public async Task RunAsync(EndPoint target)
    {
        try
        {
            client.NoDelay = server.NoDelay = true;
            await passage.WaitAsync(ended.Token);
            await server.ConnectAsync(target, ended.Token);
            await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side failed, or the link was cut: the other side must see a reset, not an orderly end.
            Reset();
        }
    }

    /// <summary>Ends the connection at once; both sides see a reset.</summary>
    public void Reset()
    {
        ended.Cancel();
        client.Close(0);
        server.Close(0);
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
        ended.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var queue = Channel.CreateBounded<Chunk>(new BoundedChannelOptions(ChunksOnTheWay) { SingleReader = true, SingleWriter = true });
        var reading = ReadAsync(from, queue.Writer);
        try
        {
            await foreach (var chunk in queue.Reader.ReadAllAsync(ended.Token))
            {
                var wait = chunk.Due - Stopwatch.GetTimestamp();
                if (wait > 0)
                    await Task.Delay(TimeSpan.FromSeconds((double)wait / Stopwatch.Frequency), ended.Token);
                await passage.WaitAsync(ended.Token);
                for (var sent = 0; sent < chunk.Length; )
                    sent += await to.SendAsync(chunk.Bytes.AsMemory(sent, chunk.Length - sent), ended.Token);
                ArrayPool<byte>.Shared.Return(chunk.Bytes);
            }

            // The orderly end, too, is forwarded only while the link is open.
            await passage.WaitAsync(ended.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await passage.WaitAsync(ended.Token);
            Reset();
            throw;
        }
        finally
        {
            await reading;
        }
    }

    private async Task ReadAsync(Socket from, ChannelWriter<Chunk> queue)
    {
        try
        {
            while (true)
            {
                var bytes = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                var length = await from.ReceiveAsync(bytes.AsMemory(0, ChunkBytes), ended.Token);
                if (length == 0)
                    break;
                var hold = delay();
                var due = hold > TimeSpan.Zero ? Stopwatch.GetTimestamp() + (long)(hold.TotalSeconds * Stopwatch.Frequency) : 0;
                await queue.WriteAsync(new Chunk(bytes, length, due), ended.Token);
            }

            queue.Complete();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            queue.Complete(e);
        }
    }

    private readonly record struct Chunk(byte[] Bytes, int Length, long Due);
}
