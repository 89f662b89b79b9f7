using System.Globalization;
using System.Net;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// Changes a user's password by the old one. Attempts count as those at the sign-in do, by address and by account.
/// </summary>
public sealed class PasswordChange(Arbiter arbiter, KeyAttempts attempts, PasswordCheck passwords, SignInSessions sessions)
{
    /// <summary>Changes the password; the user's sessions end on all nodes.</summary>
    /// <param name="actor">Who calls.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="old">The old password.</param>
    /// <param name="password">The new one.</param>
    /// <param name="session">The user's session that makes the change and goes on; null for none.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Malformed: the new password is too short or too long; Forbidden: the name or
    /// the old password is wrong; TooManyAttempts; Unavailable.</exception>
    public async Task<Account> ChangeAsync(Actor actor, string name, string old, string password, string? session, CancellationToken cancel)
    {
        Passwords.DemandLength(password);
        var address = IPAddress.TryParse(actor.Address, out var from) ? from : IPAddress.None;
        if (attempts.Begin(address) is { Ticks: > 0 } wait)
            throw TooMany("from your address", wait);
        if (attempts.BeginAt(name) is { Ticks: > 0 } longer)
            throw TooMany("at this account", longer);
        var hash = Passwords.Hash(name, password);
        if (session is not null)
            sessions.KeepThrough(session, hash);
        var user = await arbiter.As(actor).ChangePasswordAsync(name, stored => passwords.IsRight(name, stored, old), hash, cancel);
        // Who knows one password must not make room for guesses at others.
        attempts.Withdraw(address);
        attempts.ForgetAt(name);
        return user;
    }

    private static RefusedException TooMany(string whence, TimeSpan wait) =>
        RefusedException.TooManyAttempts(
            string.Create(CultureInfo.InvariantCulture, $"Too many attempts {whence}. Try again in {Math.Ceiling(wait.TotalSeconds)} s."),
            wait
        );
}
