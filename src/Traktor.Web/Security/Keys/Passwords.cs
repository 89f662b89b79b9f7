using Microsoft.AspNetCore.Identity;
using Traktor.Engine;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Security.Keys;

/// <summary>
/// Hashes and checks the passwords of users, by ASP.NET's hasher: PBKDF2 with HMAC-SHA512, a salt and 100,000
/// iterations.
/// </summary>
public static class Passwords
{
    /// <summary>The shortest password, in characters.</summary>
    public const int Shortest = 12;

    /// <summary>The longest password, in characters: hashing must not take longer than for others.</summary>
    public const int Longest = 256;

    private static readonly PasswordHasher<string> Hasher = new();

    // Of no user: an unknown name takes as long as a wrong password.
    private static readonly string Nobody = Hasher.HashPassword("", Guid.NewGuid().ToString());

    /// <summary>The hash of a new password.</summary>
    /// <exception cref="RefusedException">Malformed: it is too short or too long.</exception>
    public static string Hash(string user, string password) =>
        password.Length is >= Shortest and <= Longest
            ? Hasher.HashPassword(user, password)
            : throw RefusedException.Malformed($"A password must have {Shortest} to {Longest} characters.");

    /// <summary>Whether a password is that of a user; null for a name that no user has.</summary>
    public static bool IsRight(Account? user, string password)
    {
        var hash = user is { Kind: AccountKind.User } ? user.SecretHash : Nobody;
        var isRight =
            password.Length <= Longest
            && Hasher.VerifyHashedPassword(user?.Name ?? "", hash, password) != PasswordVerificationResult.Failed;
        return isRight && user is not null;
    }
}
