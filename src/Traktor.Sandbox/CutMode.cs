namespace Traktor.Sandbox;

/// <summary>How a cut link shows to those who use it.</summary>
public enum CutMode
{
    /// <summary>Connections are reset and new ones refused, as with a server that is down.</summary>
    Drop,

    /// <summary>
    /// Connections stay open and nothing passes; new ones are accepted and never answered, as in a broken network. What
    /// was sent meanwhile arrives after
    /// <see cref="TcpRelay.Heal"/>, as TCP's retransmission would deliver it.
    /// </summary>
    Blackhole,
}
