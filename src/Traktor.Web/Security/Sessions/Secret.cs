using System.Security.Cryptography;
using System.Text;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// Random secrets that are handed out once, and the hashes by which they are known again: what is kept here opens
/// nothing.
/// </summary>
internal static class Secret
{
    public static string New() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>The name under which a secret is kept. Looking up by a hash tells nothing about the secret by its timing.</summary>
    public static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
