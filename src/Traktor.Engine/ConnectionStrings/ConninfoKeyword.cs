namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// What a keyword of libpq does for the arbiter's own sessions. The server's libpq, which a subscription connects with,
/// honours them all.
/// </summary>
public enum KeywordUse
{
    /// <summary>Does for our sessions what it does for libpq.</summary>
    Mapped,

    /// <summary>Leaving it out of our sessions takes nothing away from whoever wrote it.</summary>
    Ignored,

    /// <summary>Our sessions cannot honour it, and going on without it would be wrong.</summary>
    Refused,
}

/// <summary>A keyword that libpq knows.</summary>
/// <param name="Name">As written in a connection string; lower case matters.</param>
/// <param name="Use">What becomes of it in our own sessions.</param>
/// <param name="Reason">Why it is ignored or refused, as a clause after a colon; null when it is mapped.</param>
/// <param name="IsSecret">Whether its value must never be shown.</param>
/// <param name="Values">The values that libpq takes, when they are a fixed list.</param>
/// <param name="Default">The value that means the same as none; null when there is no such value.</param>
public sealed record ConninfoKeyword(
    string Name,
    KeywordUse Use,
    string? Reason = null,
    bool IsSecret = false,
    IReadOnlyList<string>? Values = null,
    string? Default = null
);
