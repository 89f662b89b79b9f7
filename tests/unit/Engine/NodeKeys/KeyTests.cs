using System.Security.Cryptography;
using Traktor.Engine.NodeKeys;

namespace Traktor.UnitTests.Engine.NodeKeys;

public sealed class KeyTests
{
    private const string Text = "a text";

    [Fact]
    public void Sign_AnyText_IsVerifiedWithItsPublicKeyAlone()
    {
        var (pair, other) = (NodeKeyPair.Make(), NodeKeyPair.Make());
        var signature = pair.Sign(Text);

        Assert.Equal(PublicKey.SignatureLength, signature.Length);
        Assert.True(pair.Public.Verify(Text, signature));
        Assert.False(other.Public.Verify(Text, signature));
        Assert.False(pair.Public.Verify(Text + " ", signature));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("zz")]
    public void Verify_WhatIsNoSignature_IsFalse(string repeated) =>
        Assert.False(NodeKeyPair.Make().Public.Verify(Text, string.Concat(Enumerable.Repeat(repeated, PublicKey.SignatureLength / 2))));

    [Fact]
    public void Parse_WhatTheDatabaseHas_IsTheSameKey()
    {
        var pair = NodeKeyPair.Make();
        var again = NodeKeyPair.Parse(pair.ToPkcs8())!;
        var known = PublicKey.Parse(pair.Public.Bytes)!;

        Assert.True(known.Is(again.Public.Bytes));
        Assert.True(known.Verify(Text, again.Sign(Text)));
        Assert.False(known.Is(NodeKeyPair.Make().Public.Bytes));
    }

    [Fact]
    public void Parse_WhatIsNoKeyOfOurs_IsNull()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create();

        foreach (var bytes in new[] { [], [1, 2, 3], other.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo() })
            Assert.Null(PublicKey.Parse(bytes));
        foreach (var bytes in new[] { [], [1, 2, 3], other.ExportPkcs8PrivateKey(), rsa.ExportPkcs8PrivateKey() })
            Assert.Null(NodeKeyPair.Parse(bytes));
    }

    [Fact]
    public void ToString_KeyPair_HoldsNoSecret()
    {
        var pair = NodeKeyPair.Make();

        Assert.DoesNotContain(Convert.ToHexString(pair.ToPkcs8()), $"{pair}", StringComparison.OrdinalIgnoreCase);
        Assert.Equal(typeof(NodeKeyPair).FullName, $"{pair}");
    }
}
