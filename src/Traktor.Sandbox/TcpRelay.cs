namespace Traktor.Sandbox;

/// <summary>A link to a server that can be cut, delayed and healed: it listens on a loopback port of its own and forwards what it gets.</summary>
public sealed class TcpRelay : IAsyncDisposable
{
    /// <summary>The port it listens on; the same for its whole life.</summary>
    public int Port => throw new NotImplementedException();

    /// <summary>How long each byte is held back on its way, in each direction; a round trip takes twice as long. Zero at first; holds for what arrives from now on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Cuts the link; cutting a cut link changes its mode.</summary>
    public void Cut(CutMode mode = CutMode.Drop) => throw new NotImplementedException();

    /// <summary>Lets the link work again; does nothing when it does.</summary>
    public void Heal() => throw new NotImplementedException();

    /// <summary>As <see cref="IPostgresServer.Conninfo"/>, but through this link.</summary>
    public string Conninfo(string database = "postgres", string? user = null, string? password = null) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
