namespace Traktor.Engine;

/// <summary>Why a request was refused; the REST API maps each kind to one status code.</summary>
public enum RefusalKind
{
    /// <summary>The request itself is malformed (400).</summary>
    Malformed,

    /// <summary>What the request names does not exist (404).</summary>
    NotFound,

    /// <summary>The present state forbids it (409).</summary>
    Conflict,

    /// <summary>The server's settings or privileges forbid it (422).</summary>
    Preflight,

    /// <summary>PostgreSQL cannot be reached (503).</summary>
    Unavailable,
}

/// <summary>
/// A request that was refused, in words made for the user: the message says what is wrong, <see cref="Hint"/> what to do about it.
/// Neither ever carries a password, a stack or the text of an internal exception.
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

    /// <summary>What to do: a sentence or a statement to run; null when the message says it already.</summary>
    public string? Hint { get; }

    public static RefusedException Malformed(string message, string? hint = null) => new(RefusalKind.Malformed, message, hint);

    public static RefusedException NotFound(string message, string? hint = null) => new(RefusalKind.NotFound, message, hint);

    public static RefusedException Conflict(string message, string? hint = null) => new(RefusalKind.Conflict, message, hint);

    public static RefusedException Preflight(string message, string? hint = null) => new(RefusalKind.Preflight, message, hint);

    public static RefusedException Unavailable(string message, Exception? cause = null) =>
        new(RefusalKind.Unavailable, message, null, cause);
}
