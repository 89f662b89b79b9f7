using System.Globalization;
using System.Security.Cryptography;
using Traktor.Engine.NodeKeys;

namespace Traktor.Web.Security.Signatures;

/// <summary>
/// The signature of a call from one arbiter to another, with the key of the calling node: the call may reach anybody,
/// because the address comes from a table that the peers replicate.
/// </summary>
/// <param name="Time">When it was signed, in milliseconds since 1970, by the caller's clock.</param>
/// <param name="Nonce">128 random bits, hexadecimal: each signature is accepted once.</param>
/// <param name="Caller">The calling node.</param>
/// <param name="Callee">The node that is called.</param>
/// <param name="Body">SHA-256 of the body, hexadecimal; that of nothing without a body.</param>
/// <param name="To">The URL of the arbiter, as the caller knows it, with a slash at the end.</param>
/// <param name="Actor">For whom the call is made, as <see cref="ActorText"/> writes it.</param>
/// <param name="Code">The signature of all of it, the method and the path, hexadecimal.</param>
public sealed record CallSignature(long Time, string Nonce, int Caller, int Callee, string Body, string To, string Actor, string Code)
{
    /// <summary>The request header that carries it.</summary>
    public const string Header = "Traktor-Signature";

    /// <summary>The header of the answer with <see cref="ProofBy"/>.</summary>
    public const string ProofHeader = "Traktor-Proof";

    private const string Version = "v1";
    private const int Longest = 4096;
    private const int NonceLength = 32;

    /// <summary>An unsigned one, for a call now.</summary>
    public static CallSignature Of(
        (int Caller, int Callee) nodes,
        ReadOnlySpan<byte> body,
        string to,
        Engine.Access.Actor actor,
        DateTimeOffset now
    ) =>
        new(
            now.ToUnixTimeMilliseconds(),
            RandomNumberGenerator.GetHexString(NonceLength, lowercase: true),
            nodes.Caller,
            nodes.Callee,
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
            parts is [Version, var time, var nonce, var caller, var callee, var body, var to, var actor, var code]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && IsHex(nonce, NonceLength)
            && short.TryParse(caller, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && short.TryParse(callee, NumberStyles.None, CultureInfo.InvariantCulture, out var called)
            && IsHex(body, SHA256.HashSizeInBytes * 2)
            && IsHex(code, PublicKey.SignatureLength)
            ? new CallSignature(milliseconds, nonce, from, called, body, to, actor, code)
            : null;
    }

    /// <summary>The URL of an arbiter as signatures have it: in ASCII, without what a PublicURL cannot have.</summary>
    public static string UrlOf(Uri arbiter) =>
        new UriBuilder(arbiter.Scheme, arbiter.IdnHost, arbiter.Port, arbiter.AbsolutePath).Uri.AbsoluteUri.TrimEnd('/') + "/";

    /// <summary>The hash of a body.</summary>
    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Signs it with the key of the calling node.</summary>
    /// <param name="key">The key.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">The path below <see cref="To"/>, from its slash on, and the query, as they are
    /// sent.</param>
    public CallSignature SignedBy(NodeKeyPair key, string method, string target) => this with { Code = key.Sign(TextFor(method, target)) };

    /// <summary>Whether it was signed with a key, for this method and target.</summary>
    public bool IsSignedBy(PublicKey key, string method, string target) => key.Verify(TextFor(method, target), Code);

    /// <summary>
    /// What only the arbiter of the node that is called answers: it shows the caller that it has not reached somebody
    /// else. No text of a call begins like that of a proof.
    /// </summary>
    public string ProofBy(NodeKeyPair key) => key.Sign(ProofText);

    /// <summary>Whether an answer proves that.</summary>
    public bool IsProof(PublicKey key, string sent) => key.Verify(ProofText, sent);

    /// <summary>The value of the header.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version} {Time} {Nonce} {Caller} {Callee} {Body} {To} {Actor} {Code}");

    private string ProofText => $"proof\n{Code}";

    // No part can hold a line break.
    private string TextFor(string method, string target) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Version}\n{Time}\n{Nonce}\n{Caller}\n{Callee}\n{method}\n{To}\n{target}\n{Body}\n{Actor}"
        );

    // Lower case only: another spelling of a nonce would be another nonce.
    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);
}
