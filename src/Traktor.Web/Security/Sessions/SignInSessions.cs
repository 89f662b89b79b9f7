using System.Collections.Concurrent;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// Who is signed in, in memory: a restart of the arbiter signs everybody out. A browser holds a random secret in a
/// cookie, here is only its hash.
/// </summary>
public sealed class SignInSessions(TimeProvider time)
{
    /// <summary>How long a session lasts after it was last used; an open page uses it all the time.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // More people than ever administer one node; beyond that the one that was idle longest is signed out.
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Signs somebody in; returns the secret for the cookie.</summary>
    public string Open(Role role)
    {
        var now = time.GetUtcNow();
        foreach (var (id, session) in _sessions)
            if (now - session.Used > Lifetime)
                _sessions.TryRemove(id, out _);
        if (_sessions.Count >= Most)
            _sessions.TryRemove(_sessions.MinBy(entry => entry.Value.Used).Key, out _);

        var secret = Secret.New();
        _sessions[Secret.Hash(secret)] = new Session(role, now);
        return secret;
    }

    /// <summary>The session that a cookie's secret stands for, and what it may do; null when there is none (any more).</summary>
    public (string Id, Role Role)? Find(string? secret)
    {
        if (string.IsNullOrEmpty(secret) || secret.Length > 128)
            return null;
        var id = Secret.Hash(secret);
        return Use(id) is { } role ? (id, role) : null;
    }

    /// <summary>What a session may do, by its id; null when it has ended. Counts as use.</summary>
    public Role? Use(string id)
    {
        if (!_sessions.TryGetValue(id, out var session))
            return null;
        var now = time.GetUtcNow();
        if (now - session.Used > Lifetime)
        {
            _sessions.TryRemove(id, out _);
            return null;
        }

        _sessions.TryUpdate(id, session with { Used = now }, session);
        return session.Role;
    }

    /// <summary>Signs out.</summary>
    public void Close(string id) => _sessions.TryRemove(id, out _);

    private sealed record Session(Role Role, DateTimeOffset Used);
}
