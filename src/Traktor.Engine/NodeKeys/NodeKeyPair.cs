using System.Security.Cryptography;
using System.Text;

namespace Traktor.Engine.NodeKeys;

/// <summary>
/// The key pair with which this node's arbiter signs its calls and its answers to other arbiters: ECDSA with the curve
/// P-256 and SHA-256. The private key leaves this room only for the database. Thread-safe.
/// </summary>
public sealed class NodeKeyPair
{
    private readonly Lock gate = new();
    private readonly ECDsa key;

    private NodeKeyPair(ECDsa key)
    {
        this.key = key;
        Public = PublicKey.Of(key);
    }

    /// <summary>What the other nodes know of it.</summary>
    public PublicKey Public { get; }

    /// <summary>Makes a new one.</summary>
    public static NodeKeyPair Make() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads one from PKCS #8; null when it is none.</summary>
    internal static NodeKeyPair? Parse(byte[] pkcs8)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            if (PublicKey.IsOnOurCurve(key))
                return new NodeKeyPair(key);
        }
        catch (CryptographicException)
        {
            // Somebody has changed it.
        }

        key.Dispose();
        return null;
    }

    /// <summary>Signs a text; hexadecimal.</summary>
    public string Sign(string text)
    {
        var data = Encoding.UTF8.GetBytes(text);
        lock (gate)
            return Convert.ToHexStringLower(key.SignData(data, HashAlgorithmName.SHA256));
    }

    /// <summary>PKCS #8, for the database.</summary>
    internal byte[] ToPkcs8()
    {
        lock (gate)
            return key.ExportPkcs8PrivateKey();
    }
}
