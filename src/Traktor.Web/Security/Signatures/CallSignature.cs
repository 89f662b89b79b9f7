using System.Globalization;
using System.Security.Cryptography;

namespace Traktor.Web.Security.Signatures;

/// <summary>
/// The signature of a call from one arbiter to another, in place of the API key: the call may reach anybody, because
/// the address comes from a table that the peers replicate.
/// </summary>
/// <param name="Time">When it was signed, in milliseconds since 1970, by the caller's clock.</param>
/// <param name="Nonce">128 random bits, hexadecimal: each signature is accepted once.</param>
/// <param name="Body">SHA-256 of the body, hexadecimal; that of nothing without a body.</param>
/// <param name="To">The URL of the arbiter, as the caller knows it, with a slash at the end.</param>
/// <param name="Actor">For whom the call is made, as <see cref="ActorText"/> writes it.</param>
/// <param name="Code">HMAC-SHA256 of all of it, the method and the path, hexadecimal.</param>
public sealed record CallSignature(long Time, string Nonce, string Body, string To, string Actor, string Code)
{
    /// <summary>The request header that carries it.</summary>
    public const string Header = "Traktor-Signature";

    /// <summary>The header of the answer with <see cref="SigningKey.Proof"/>.</summary>
    public const string ProofHeader = "Traktor-Proof";

    private const string Version = "v1";
    private const int Longest = 4096;
    private const int NonceLength = 32;

    /// <summary>An unsigned one, for a call now.</summary>
    public static CallSignature Of(ReadOnlySpan<byte> body, string to, Engine.Access.Actor actor, DateTimeOffset now) =>
        new(
            now.ToUnixTimeMilliseconds(),
            RandomNumberGenerator.GetHexString(NonceLength, lowercase: true),
            HashOf(body),
            to,
            ActorText.Of(actor),
            ""
        );

    /// <summary>Reads the header; null when it is none.</summary>
    public static CallSignature? Parse(string header)
    {
        if (header.Length > Longest)
            return null;
        var parts = header.Split(' ');
        return
            parts is [Version, var time, var nonce, var body, var to, var actor, var code]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && IsHex(nonce, NonceLength)
            && IsHex(body, SHA256.HashSizeInBytes * 2)
            && IsHex(code, HMACSHA256.HashSizeInBytes * 2)
            ? new CallSignature(milliseconds, nonce, body, to, actor, code)
            : null;
    }

    /// <summary>The URL of an arbiter as signatures have it: in ASCII, without what a PublicURL cannot have.</summary>
    public static string UrlOf(Uri arbiter) =>
        new UriBuilder(arbiter.Scheme, arbiter.IdnHost, arbiter.Port, arbiter.AbsolutePath).Uri.AbsoluteUri.TrimEnd('/') + "/";

    /// <summary>The hash of a body.</summary>
    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>The text that is signed. No part can hold a line break.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">The path below <see cref="To"/>, from its slash on, and the query, as they are
    /// sent.</param>
    public string TextFor(string method, string target) =>
        string.Join('\n', Version, Time.ToString(CultureInfo.InvariantCulture), Nonce, method, To, target, Body, Actor);

    /// <summary>The value of the header.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version} {Time} {Nonce} {Body} {To} {Actor} {Code}");

    // Lower case only: another spelling of a nonce would be another nonce.
    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);
}
