namespace Traktor.Engine.Publications;

/// <summary>That a peer may lack rows of a table, from <c>trktr.resync</c>.</summary>
/// <param name="Id">What a comparison closes it by; a new reason gives it another.</param>
/// <param name="Node">The peer.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">Rows that were written before may be missing.</param>
public sealed record ResyncMark(Guid Id, int Node, ResyncReason Reason, DateTimeOffset Since);

/// <summary>Why a peer may lack rows of a table.</summary>
public enum ResyncReason
{
    /// <summary>The table was opened without it, with force.</summary>
    Excluded,

    /// <summary>It subscribed when the table had rows.</summary>
    Subscribed,

    /// <summary>The table was not published for a time.</summary>
    Unpublished,

    /// <summary>Its stream had a gap: it may have lost what it had received.</summary>
    Gap,
}
