namespace Traktor.Engine;

/// <summary>Why a request was refused; the REST API maps each kind to one status code.</summary>
public enum RefusalKind
{
    /// <summary>The request itself is malformed (400).</summary>
    Malformed,

    /// <summary>The role of the actor does not allow it (403).</summary>
    Forbidden,

    /// <summary>What the request names does not exist (404).</summary>
    NotFound,

    /// <summary>The current state does not allow it (409).</summary>
    Conflict,

    /// <summary>The server's settings or privileges do not allow it (422).</summary>
    Preflight,

    /// <summary>PostgreSQL cannot be reached (503).</summary>
    Unavailable,

    /// <summary>Too many wrong passwords came before (429).</summary>
    TooManyAttempts,
}

/// <summary>
/// A refused request. The message, for the user, says what is wrong, <see cref="Hint"/> what to do. Neither contains a
/// password, a stack trace or the text of an internal exception.
/// </summary>
public sealed class RefusedException : Exception
{
    public RefusedException(RefusalKind kind, string message, string? hint = null, Exception? cause = null)
        : base(message, cause)
    {
        Kind = kind;
        Hint = hint;
    }

    public RefusalKind Kind { get; }

    /// <summary>What to do: a sentence or a statement; null when the message says it.</summary>
    public string? Hint { get; }

    /// <summary>How long to wait before the next attempt; null when the refusal is about none.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public static RefusedException Malformed(string message, string? hint = null) => new(RefusalKind.Malformed, message, hint);

    public static RefusedException Forbidden(string message, string? hint = null) => new(RefusalKind.Forbidden, message, hint);

    public static RefusedException NotFound(string message, string? hint = null) => new(RefusalKind.NotFound, message, hint);

    public static RefusedException Conflict(string message, string? hint = null) => new(RefusalKind.Conflict, message, hint);

    public static RefusedException Preflight(string message, string? hint = null) => new(RefusalKind.Preflight, message, hint);

    public static RefusedException Unavailable(string message, Exception? cause = null) =>
        new(RefusalKind.Unavailable, message, null, cause);

    public static RefusedException TooManyAttempts(string message, TimeSpan wait) =>
        new(RefusalKind.TooManyAttempts, message) { RetryAfter = wait };
}
