using System.Net;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Components.SignIn;

/// <summary>
/// Checks who signs in: by name and password, with an API key, or with a one-time link. Attempts are limited by
/// address, and by account. Nothing tells an unknown name from a wrong password, the time that the check takes
/// included.
/// </summary>
internal sealed class SignInCheck(
    CallerKeys keys,
    AccountDirectory accounts,
    KeyAttempts attempts,
    PasswordCheck passwords,
    OneTimeLinks links,
    TimeProvider time
)
{
    /// <summary>Whether somebody can sign in by name.</summary>
    public bool HasUsers => accounts.All.Any(account => account.Kind == AccountKind.User);

    public SignInResult Check(IFormCollection form, IPAddress address)
    {
        if (attempts.Begin(address) is { Ticks: > 0 } wait)
            return SignInResult.TooMany("from your address", wait);
        string? link = form["link"];
        string? name = form["name"];
        var result =
            !string.IsNullOrEmpty(link) ? ByLink(link, address)
            : !string.IsNullOrEmpty(name) ? ByPassword(name, form["password"].ToString(), address)
            : ByKey(form, address);
        // Who may do less must not make room for guesses at more.
        if (result.Actor is { Role: Role.Admin })
            attempts.Forget(address);
        else if (result.Actor is not null)
            attempts.Withdraw(address);
        return result;
    }

    private SignInResult ByLink(string link, IPAddress address) =>
        links.Redeem(link)
            ? SignInResult.Of(Actor.OfOneTimeLink(address.ToString()))
            : SignInResult.Refused("The link was used before or has expired. Sign in with the API key.");

    private SignInResult ByKey(IFormCollection form, IPAddress address) =>
        keys.Find(form["key"], address.ToString()) is { Actor: { } actor } key
            ? SignInResult.Of(actor, key.Account)
            : SignInResult.Refused("This is not the API key of this arbiter, nor a valid key that an admin has made.");

    private SignInResult ByPassword(string name, string password, IPAddress address)
    {
        if (attempts.BeginAt(name) is { Ticks: > 0 } wait)
            return SignInResult.TooMany("at this account", wait);
        var user = accounts.Find(AccountKind.User, name);
        if (!passwords.IsRight(name, user?.SecretHash, password) || !user!.IsValidAt(time.GetUtcNow()))
            return SignInResult.Refused("The name or the password is wrong.", user);
        attempts.ForgetAt(name);
        return SignInResult.Of(new Actor(ActorKind.User, user.Name, user.Role, address.ToString()), user);
    }
}
