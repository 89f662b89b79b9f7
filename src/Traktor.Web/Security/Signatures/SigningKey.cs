using System.Security.Cryptography;
using System.Text;

namespace Traktor.Web.Security.Signatures;

/// <summary>
/// Signs calls between arbiters. The key is derived from an API key, slowly: a signature reaches whatever an address
/// leads to, and there API keys can be tried against it without asking an arbiter.
/// </summary>
/// <param name="apiKey">The API key.</param>
public sealed class SigningKey(string apiKey)
{
    // About a fifth of a second, once in the life of an arbiter.
    private const int Iterations = 200_000;

    // The same for every arbiter: all have to derive the same key.
    private static readonly byte[] Purpose = "Traktor: signatures of calls between arbiters, v1"u8.ToArray();

    private readonly Lazy<byte[]> _key = new(() =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(apiKey), Purpose, Iterations, HashAlgorithmName.SHA256, HMACSHA256.HashSizeInBytes)
    );

    /// <summary>Signs a call.</summary>
    public CallSignature Sign(CallSignature call, string method, string target) =>
        call with
        {
            Code = Convert.ToHexStringLower(Code(call, method, target)),
        };

    /// <summary>Whether a call was signed with this key. The time it takes says nothing about the right code.</summary>
    public bool IsOf(CallSignature call, string method, string target) =>
        CryptographicOperations.FixedTimeEquals(Code(call, method, target), Convert.FromHexString(call.Code));

    /// <summary>
    /// What only an arbiter that has the key, and to which the call is addressed, answers: it shows the caller that it
    /// has not reached somebody else. No text of a call begins like that of a proof.
    /// </summary>
    public string Proof(CallSignature call) => Convert.ToHexStringLower(Hash($"proof\n{call.Code}"));

    /// <summary>Whether an answer proves that.</summary>
    public bool IsProof(CallSignature call, string sent) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Proof(call)), Encoding.UTF8.GetBytes(sent));

    private byte[] Code(CallSignature call, string method, string target) => Hash(call.TextFor(method, target));

    private byte[] Hash(string text) => HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(text));
}
