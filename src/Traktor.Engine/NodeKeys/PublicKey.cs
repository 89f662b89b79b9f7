using System.Security.Cryptography;
using System.Text;

namespace Traktor.Engine.NodeKeys;

/// <summary>The public key of a node. Thread-safe.</summary>
public sealed class PublicKey
{
    /// <summary>How long a signature is, hexadecimal.</summary>
    public const int SignatureLength = 128;

    private readonly Lock gate = new();
    private readonly ECDsa key;
    private readonly byte[] bytes;

    private PublicKey(ECDsa key, byte[] bytes) => (this.key, this.bytes) = (key, bytes);

    /// <summary>As the database has it: SubjectPublicKeyInfo (<see
    /// href="https://www.rfc-editor.org/rfc/rfc5480"/>).</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Reads one; null when it is none, or not of the curve that Traktor uses.</summary>
    public static PublicKey? Parse(ReadOnlySpan<byte> bytes)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(bytes, out _);
            if (IsOnOurCurve(key))
                return new PublicKey(key, bytes.ToArray());
        }
        catch (CryptographicException)
        {
            // Somebody has changed it.
        }

        key.Dispose();
        return null;
    }

    /// <summary>Whether it is the key with these bytes.</summary>
    public bool Is(ReadOnlySpan<byte> other) => Bytes.SequenceEqual(other);

    /// <summary>Whether a text was signed with the private key that belongs to it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="signature">What <see cref="NodeKeyPair.Sign"/> returned, or anything else.</param>
    public bool Verify(string text, string signature)
    {
        if (signature.Length != SignatureLength || !signature.All(char.IsAsciiHexDigit))
            return false;
        var data = Encoding.UTF8.GetBytes(text);
        lock (gate)
            return key.VerifyData(data, Convert.FromHexString(signature), HashAlgorithmName.SHA256);
    }

    internal static PublicKey Of(ECDsa pair) => Parse(pair.ExportSubjectPublicKeyInfo())!;

    internal static bool IsOnOurCurve(ECDsa key) =>
        key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve
        && curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
}
