using System.Net;
using System.Net.Sockets;
using Traktor.Sandbox.Links;
using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.Sandbox;

/// <summary>
/// A link to a server that can be cut, delayed and healed: it listens on its own loopback port and forwards everything
/// unread.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(10);

    private readonly IPEndPoint target;
    private readonly IPostgresServer? server;
    private readonly Lock changing = new();
    private readonly Passage passage = new();
    private readonly Dictionary<RelayedConnection, Task> connections = [];
    private Socket? listener;
    private Task accepting = Task.CompletedTask;
    private CutMode? cut;
    private long delayTicks;
    private bool disposed;

    internal TcpRelay(IPostgresServer server)
        : this(new IPEndPoint(IPAddress.Parse(server.Host), server.Port)) => this.server = server;

    internal TcpRelay(IPEndPoint target)
    {
        this.target = target;
        while (listener is null)
        {
            Port = Ports.Free();
            TryListen();
        }
    }

    /// <summary>The port it listens on; it does not change.</summary>
    public int Port { get; }

    /// <summary>
    /// How long each byte is delayed, in each direction; a round trip takes twice as long. Initially zero; it applies
    /// to bytes that arrive from now on.
    /// </summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref delayTicks));
        set => Interlocked.Exchange(ref delayTicks, value.Ticks);
    }

    /// <summary>Cuts the link; cutting a cut link changes its mode.</summary>
    public void Cut(CutMode mode = CutMode.Drop)
    {
        lock (changing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            cut = mode;
            passage.Close();
            if (mode == CutMode.Drop)
                StopListening();
            else
                Listen();
        }
    }

    /// <summary>Repairs the link; does nothing when it is not cut.</summary>
    /// <exception cref="SandboxException">Another program took the port while the link was cut.</exception>
    public void Heal()
    {
        lock (changing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            cut = null;
            Listen();
            passage.Open();
        }
    }

    /// <summary>As <see cref="IPostgresServer.Conninfo"/>, but through this link.</summary>
    public string Conninfo(string database = "postgres", string? user = null, string? password = null) =>
        ConninfoText.For(
            server ?? throw new InvalidOperationException("This link does not lead to a PostgreSQL server."),
            Port,
            database,
            user,
            password
        );

    public async ValueTask DisposeAsync()
    {
        Task[] ending;
        lock (changing)
        {
            disposed = true;
            StopListening();
            ending = [accepting, .. connections.Values];
        }

        await Task.WhenAll(ending);
    }

    private void Listen()
    {
        var deadline = DateTime.UtcNow + PortPatience;
        while (listener is null && !TryListen())
        {
            if (DateTime.UtcNow > deadline)
                throw new SandboxException($"Port {Port} of a healed link is in use by another program.");
            Thread.Sleep(20);
        }
    }

    private bool TryListen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            socket.Listen();
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        listener = socket;
        accepting = AcceptAsync(socket);
        return true;
    }

    /// <summary>Refuses new connections and resets the existing ones.</summary>
    private void StopListening()
    {
        listener?.Dispose();
        listener = null;
        foreach (var connection in connections.Keys)
            connection.Reset();
    }

    private async Task AcceptAsync(Socket socket)
    {
        await Task.Yield();
        while (true)
        {
            Socket client;
            try
            {
                client = await socket.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (changing)
            {
                // Accepted just before the cut: it is reset like the others.
                if (disposed || cut == CutMode.Drop)
                    client.Close(0);
                else
                    Carry(new RelayedConnection(client, passage, () => Delay));
            }
        }
    }

    private void Carry(RelayedConnection connection)
    {
        connections[connection] = Task.Run(async () =>
        {
            await connection.RunAsync(target);
            lock (changing)
            {
                connections.Remove(connection);
                connection.Dispose();
            }
        });
    }
}
