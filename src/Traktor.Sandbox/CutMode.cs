namespace Traktor.Sandbox;

/// <summary>How a cut link behaves.</summary>
public enum CutMode
{
    /// <summary>Connections are reset and new ones refused, as with a stopped server.</summary>
    Drop,

    /// <summary>
    /// Connections stay open without traffic; new ones are accepted but not answered, as in a broken network. Data sent
    /// meanwhile arrives after <see cref="TcpRelay.Heal"/>, as with TCP retransmission.
    /// </summary>
    Blackhole,
}
