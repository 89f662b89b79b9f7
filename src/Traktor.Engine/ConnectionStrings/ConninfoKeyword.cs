namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// What a libpq keyword does in the arbiter's own sessions. The server's libpq, which connects the subscriptions,
/// supports all of them.
/// </summary>
public enum KeywordUse
{
    /// <summary>It does the same as in libpq.</summary>
    Mapped,

    /// <summary>It is left out of the arbiter's sessions, without harm.</summary>
    Ignored,

    /// <summary>The arbiter's sessions cannot support it, and leaving it out would be wrong.</summary>
    Refused,
}

/// <summary>A keyword that libpq knows.</summary>
/// <param name="Name">The keyword as written in a connection string, in lower case.</param>
/// <param name="Use">Its use in the arbiter's own sessions.</param>
/// <param name="Reason">Why it is ignored or refused, as a clause after a colon; null when it is mapped.</param>
/// <param name="IsSecret">Whether its value must never be shown.</param>
/// <param name="Values">The values that libpq accepts, if they are a fixed list.</param>
/// <param name="Default">The value that means the same as none; null when there is none.</param>
public sealed record ConninfoKeyword(
    string Name,
    KeywordUse Use,
    string? Reason = null,
    bool IsSecret = false,
    IReadOnlyList<string>? Values = null,
    string? Default = null
);
