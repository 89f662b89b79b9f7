using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.UnitTests.Engine.ConnectionStrings;

public sealed class ConninfoMistakesTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \n", "empty")]
    [InlineData("host=h dbname=d", "no user")]
    [InlineData("user='' host=h", "no user")]
    [InlineData("user=anna password='open", "'password' in the connection string is not terminated")]
    [InlineData("user=anna password='open\\'", "is not terminated")]
    [InlineData("user anna", "'user' of the connection string has no '='")]
    [InlineData("user=anna password=two words", "a word without an '='")]
    [InlineData("user=anna =x", "without a keyword before it")]
    [InlineData("user=anna hostt=h", "'hostt', which libpq does not know. Did you mean 'host'")]
    [InlineData("user=anna ssl_mode=require", "'sslmode'")]
    [InlineData("user=anna Host=h", "'host'")]
    [InlineData("user=anna Server=h", "'host'")]
    [InlineData("user=anna zzzzzzzz=h", "a keyword that libpq does not know")]
    [InlineData("Host=h;Username=anna;Password=x", "'host'")]
    [InlineData("user=anna host=h;port=5", "';'")]
    [InlineData("user=anna port=0", "port")]
    [InlineData("user=anna port=65536", "port")]
    [InlineData("user=anna port=-1", "port")]
    [InlineData("user=anna port=abc", "port")]
    [InlineData("user=anna host=a,b port=1,2,3", "2 hosts and 3 ports")]
    [InlineData("user=anna port=1,2", "1 hosts and 2 ports")]
    [InlineData("user=anna host=a,b hostaddr=127.0.0.1", "2 hosts and 1 hostaddrs")]
    [InlineData("user=anna hostaddr=db1", "hostaddr")]
    [InlineData("user=anna hostaddr=1", "hostaddr")]
    [InlineData("user=anna host='a b'", "not allowed in a host name")]
    [InlineData("user=anna host=http://a", "not allowed in a host name")]
    [InlineData("user=anna host=a..b", "part between dots")]
    [InlineData("user=anna host=.", "part between dots")]
    [InlineData("user=anna host=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "part between dots")]
    [InlineData("user=anna host=a,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.c", "part between dots")]
    [InlineData("user=anna host=éééééééééééééééééééééééééééééééé", "part between dots")]
    [InlineData("user=anna host=a:5432", "not allowed in a host name")]
    [InlineData("user=anna host=[::1]", "not allowed in a host name")]
    [InlineData("user=anna host=h hostaddr=[::1]:5432", "hostaddr")]
    [InlineData("user=anna host=0.0.0.0", "0.0.0.0 or ::")]
    [InlineData("user=anna hostaddr=::", "0.0.0.0 or ::")]
    [InlineData("user=anna sslmode=on", "'sslmode'")]
    [InlineData("user=anna sslmode=Require", "'sslmode'")]
    [InlineData("user=anna channel_binding=yes", "'channel_binding'")]
    [InlineData("user=anna connect_timeout=soon", "'connect_timeout'")]
    [InlineData("user=anna connect_timeout=99999999999", "'connect_timeout'")]
    [InlineData("user=anna keepalives_idle=1.5", "'keepalives_idle'")]
    [InlineData("user=anna require_auth=scram", "'require_auth'")]
    [InlineData("user=anna sslrootcert=system sslmode=require", "sslmode=verify-full")]
    [InlineData("user=anna sslnegotiation=direct", "sslnegotiation=direct")]
    [InlineData("user=anna service=main", "'service' is not supported")]
    [InlineData("user=anna replication=database", "'replication' is not supported")]
    [InlineData("user=anna sslcrl=/x", "'sslcrl' is not supported")]
    [InlineData("user=anna requirepeer=x", "'requirepeer' is not supported")]
    [InlineData("user=anna oauth_issuer=x", "'oauth_issuer' is not supported")]
    [InlineData("user=anna scram_client_key=x", "'scram_client_key' is not supported")]
    [InlineData("user=anna sslcertmode=require", "sslcertmode=require is not supported")]
    [InlineData("user=anna ssl_min_protocol_version=TLSv1.3", "TLSv1.3 is not supported")]
    [InlineData("user=an\0na", "NUL")]
    [InlineData("us\0er=anna", "NUL")]
    [InlineData("user=anna require_auth=md5,!password", "forbids others")]
    [InlineData("user=anna require_auth=oauth", "OAuth")]
    [InlineData("user=anna password='from a file\n'", "line break")]
    public void Parse_WrongText_IsRefusedWithTheReason(string text, string reason)
    {
        var refused = Assert.Throws<RefusedException>(() => Conninfo.Parse(text));

        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_HalfASurrogatePair_IsRefused() =>
        Assert.Contains(
            "surrogate",
            Assert.Throws<RefusedException>(() => Conninfo.Parse("user=anna password=" + (char)0xd800)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("user=anna password='S3cret")]
    [InlineData("user=anna password=first S3cret")]
    [InlineData("user=anna password=first S3cret=x")]
    [InlineData("user=anna S3cret")]
    [InlineData("user=anna port=S3cret")]
    [InlineData("user=anna sslmode=S3cret")]
    [InlineData("user=anna hostaddr=S3cret")]
    [InlineData("user=anna host='S3cret;'")]
    [InlineData("user=anna connect_timeout=S3cret")]
    [InlineData("user=anna require_auth=S3cret")]
    [InlineData("user=anna scram_client_key=S3cret")]
    [InlineData("Host=h;Password=S3cret")]
    [InlineData("password=S3cret")]
    [InlineData("postgresql://anna:S3cret%@h/")]
    [InlineData("postgresql://anna:S3cret%FF@h/")]
    [InlineData("postgresql://anna:S3 cret@h/")]
    [InlineData("postgresql://anna:S3cret@[h/")]
    [InlineData("postgresql://anna@h:S3cret/")]
    [InlineData("postgresql://anna@h/?password=S3cret=")]
    [InlineData("postgresql://anna@h/?S3cret")]
    public void Parse_WrongText_RepeatsNoValue(string text)
    {
        var refused = Assert.Throws<RefusedException>(() => Conninfo.Parse(text));

        Assert.DoesNotContain("S3", refused.Message + refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_LongerThanAllowed_IsRefused()
    {
        var longest = "user=anna password=" + new string('x', Conninfo.MaxBytes - 19);
        Assert.Equal(Conninfo.MaxBytes - 19, Conninfo.Parse(longest).Password!.Length);

        Assert.Throws<RefusedException>(() => Conninfo.Parse(longest + "x"));
        Assert.Throws<RefusedException>(() => Conninfo.Parse("user=anna password=" + new string('ä', Conninfo.MaxBytes / 2)));
        Assert.Throws<RefusedException>(() => Conninfo.Parse("user=anna " + new string('x', 1000) + "=1"));
    }
}
