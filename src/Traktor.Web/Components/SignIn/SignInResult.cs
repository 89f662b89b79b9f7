using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Components.SignIn;

/// <summary>What the check of a sign-in found.</summary>
/// <param name="Actor">Who signs in; null when the sign-in is refused.</param>
/// <param name="Account">The account that was signed in with, or whose password was wrong; null for a key of
/// <c>arbiter.ini</c>, a one-time link and an unknown name.</param>
/// <param name="Error">Why it is refused.</param>
/// <param name="Wait">How long to wait before the next attempt; zero when there is no need.</param>
internal sealed record SignInResult(Actor? Actor, Account? Account, string? Error, TimeSpan Wait)
{
    public static SignInResult Of(Actor actor, Account? account = null) => new(actor, account, null, TimeSpan.Zero);

    public static SignInResult Refused(string error, Account? account = null) => new(null, account, error, TimeSpan.Zero);

    public static SignInResult TooMany(string whence, TimeSpan wait) =>
        new(
            null,
            null,
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"Too many attempts {whence}. Try again in {Math.Ceiling(wait.TotalSeconds)} s."
            ),
            wait
        );
}
