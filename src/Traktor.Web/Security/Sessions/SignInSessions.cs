using System.Collections.Concurrent;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// The sessions, in memory: they end when the arbiter restarts. The browser has a random secret in a cookie; only its
/// hash is kept here. A session of an account ends when the account is changed, removed or expires, on every node; only
/// the one in which a user changes the own password goes on.
/// </summary>
public sealed class SignInSessions(TimeProvider time, AccountDirectory accounts)
{
    /// <summary>How long a session lasts after its last use; an open page uses it continuously.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // More sessions than operators of one node; beyond that the one that was idle longest ends.
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Opens a session; returns the secret for the cookie.</summary>
    /// <param name="actor">Who it is.</param>
    /// <param name="account">The account that was signed in with; null for a key of <c>arbiter.ini</c> and a one-time
    /// link.</param>
    /// <param name="isLimited">Whether it ends after <see cref="Lifetime"/> also when it is used: nothing tells this
    /// arbiter when the rights of a user of an OpenID provider change.</param>
    public string Open(Actor actor, Account? account = null, bool isLimited = false)
    {
        var now = time.GetUtcNow();
        foreach (var (id, session) in _sessions)
            if (now - session.Used > Lifetime)
                _sessions.TryRemove(id, out _);
        if (_sessions.Count >= Most)
            _sessions.TryRemove(_sessions.MinBy(entry => entry.Value.Used).Key, out _);

        var secret = Secret.New();
        _sessions[Secret.Hash(secret)] = new Session(actor, account, isLimited ? now + Lifetime : DateTimeOffset.MaxValue, now);
        return secret;
    }

    /// <summary>The session of a cookie's secret, and who it is; null when there is none.</summary>
    public (string Id, Actor Actor)? Find(string? secret)
    {
        if (string.IsNullOrEmpty(secret) || secret.Length > 128)
            return null;
        var id = Secret.Hash(secret);
        return Use(id) is { } actor ? (id, actor) : null;
    }

    /// <summary>Who a session is, by its id; null when it has ended. Counts as use.</summary>
    public Actor? Use(string id)
    {
        if (!_sessions.TryGetValue(id, out var session))
            return null;
        var now = time.GetUtcNow();
        if (now - session.Used > Lifetime || now >= session.End || !IsUnchanged(session, now, out var account))
        {
            _sessions.TryRemove(id, out _);
            return null;
        }

        _sessions.TryUpdate(id, session with { Used = now, Account = account }, session);
        return session.Actor;
    }

    /// <summary>Lets a session outlive the change of its user's password that it makes itself.</summary>
    /// <param name="id">The session.</param>
    /// <param name="hash">The hash of the new password. Its salt is random: only this change has it.</param>
    public void KeepThrough(string id, string hash)
    {
        while (_sessions.TryGetValue(id, out var session) && !_sessions.TryUpdate(id, session with { NextHash = hash }, session)) { }
    }

    /// <summary>Ends a session.</summary>
    public void Close(string id) => _sessions.TryRemove(id, out _);

    private bool IsUnchanged(Session session, DateTimeOffset now, out Account? account)
    {
        account = session.Account;
        if (account is not { } signedIn)
            return true;
        account = accounts.Find(signedIn.Kind, signedIn.Name);
        return account is not null
            && account.IsValidAt(now)
            && (account.ChangedAt == signedIn.ChangedAt || (account.SecretHash == session.NextHash && account.Role == signedIn.Role));
    }

    private sealed record Session(Actor Actor, Account? Account, DateTimeOffset End, DateTimeOffset Used, string? NextHash = null);
}
