using System.Security.Cryptography;
using System.Text;

namespace Traktor.Web.Security.Keys;

/// <summary>
/// The secrets of the REST API and the console. Only their hashes are kept, and compared in constant time, so that the
/// response time reveals neither a key nor its length.
/// </summary>
public sealed class ApiKey
{
    /// <summary>The request header that carries the key.</summary>
    public const string Header = "X-API-KEY";

    /// <summary>A longer header cannot be a key; hashing it would only cost time.</summary>
    public const int Longest = 4096;

    private readonly byte[] _hash;
    private readonly byte[]? _readOnlyHash;

    /// <param name="key">The key for full access.</param>
    /// <param name="readOnlyKey">The key for read-only access; null when there is none.</param>
    public ApiKey(string key, string? readOnlyKey = null)
    {
        _hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        _readOnlyHash = readOnlyKey is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(readOnlyKey));
    }

    /// <summary>What a request that sent these values may do.</summary>
    public ApiKeyAnswer Check(Microsoft.Extensions.Primitives.StringValues sent)
    {
        if (sent.Count == 0 || string.IsNullOrEmpty(sent[0]))
            return ApiKeyAnswer.Missing;
        if (sent.Count > 1 || sent[0]!.Length > Longest)
            return ApiKeyAnswer.Wrong;

        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(Longest)];
        var length = Encoding.UTF8.GetBytes(sent[0], text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        if (CryptographicOperations.FixedTimeEquals(hash, _hash))
            return ApiKeyAnswer.Right;
        return _readOnlyHash is not null && CryptographicOperations.FixedTimeEquals(hash, _readOnlyHash)
            ? ApiKeyAnswer.ReadOnly
            : ApiKeyAnswer.Wrong;
    }
}
