using Microsoft.AspNetCore.Identity;

namespace Traktor.Web.Security.Keys;

/// <summary>
/// Checks a password against a hash. A name that no user has costs the same: one verification, of a hash that was made
/// the same way.
/// </summary>
public sealed class PasswordCheck(IPasswordHasher<string> hasher)
{
    private readonly string _nobody = hasher.HashPassword("", Guid.NewGuid().ToString());

    /// <summary>Whether a password is that of a user.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="hash">The hash of the user's password; null for a name that no user has.</param>
    /// <param name="password">The password; one longer than any password is wrong.</param>
    public bool IsRight(string name, string? hash, string password)
    {
        var isRight =
            password.Length <= Passwords.Longest
            && hasher.VerifyHashedPassword(name, hash ?? _nobody, password) != PasswordVerificationResult.Failed;
        return isRight && hash is not null;
    }
}
