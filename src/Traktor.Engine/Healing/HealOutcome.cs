using Traktor.Engine.Healing.Applying;

namespace Traktor.Engine.Healing;

/// <summary>How a heal ended.</summary>
internal enum HealEnd
{
    /// <summary>The server's own worker applies again.</summary>
    HandedBack,

    /// <summary>A conflict needs a decision.</summary>
    Awaiting,

    /// <summary>A table must be fixed.</summary>
    Stuck,

    /// <summary>The peer cannot be reached or read; PostgreSQL reconnects by itself.</summary>
    PeerLost,

    /// <summary>An operator paused or disabled the subscription.</summary>
    Overruled,
}

/// <summary>How a heal ended, with its figures.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Transactions">Remote transactions that were applied.</param>
/// <param name="Conflicts">Conflicts in them that were decided and recorded.</param>
/// <param name="Note">Why the subscription waits, in words; null when it does not wait.</param>
/// <param name="Fault">What must be fixed; null when there is nothing to fix.</param>
internal sealed record HealOutcome(HealEnd End, long Transactions = 0, long Conflicts = 0, string? Note = null, ApplyFault? Fault = null);
