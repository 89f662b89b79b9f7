using System.Security.Cryptography;
using System.Text;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// Random secrets, and the hashes under which they are stored: a stored hash gives no access.
/// </summary>
internal static class Secret
{
    public static string New() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>
    /// The hash under which a secret is stored. The timing of a lookup by hash reveals nothing about the secret.
    /// </summary>
    public static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
