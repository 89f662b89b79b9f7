using Microsoft.AspNetCore.Identity;
using Traktor.Engine;

namespace Traktor.Web.Security.Keys;

/// <summary>
/// Hashes the passwords of users, by ASP.NET's hasher: PBKDF2 with HMAC-SHA512, a salt and 100,000 iterations.
/// </summary>
public static class Passwords
{
    /// <summary>The shortest password, in characters.</summary>
    public const int Shortest = 12;

    /// <summary>The longest password, in characters: hashing must not take longer than for others.</summary>
    public const int Longest = 256;

    /// <summary>Makes and verifies the hashes.</summary>
    public static IPasswordHasher<string> Hasher { get; } = new PasswordHasher<string>();

    /// <summary>The hash of a new password.</summary>
    /// <exception cref="RefusedException">Malformed: it is too short or too long.</exception>
    public static string Hash(string user, string password)
    {
        DemandLength(password);
        return Hasher.HashPassword(user, password);
    }

    /// <summary>Checks the length of a new password.</summary>
    /// <exception cref="RefusedException">Malformed: it is too short or too long.</exception>
    public static void DemandLength(string password)
    {
        if (password.Length is < Shortest or > Longest)
            throw RefusedException.Malformed($"A password must have {Shortest} to {Longest} characters.");
    }
}
