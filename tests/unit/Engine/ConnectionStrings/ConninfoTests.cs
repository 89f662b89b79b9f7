using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;
using Traktor.UnitTests.Engine.Postgres;

namespace Traktor.UnitTests.Engine.ConnectionStrings;

public sealed class ConninfoTests
{
    [Fact]
    public void Parse_TutorialsText_HasItsParts()
    {
        var conninfo = Conninfo.Parse("host=127.0.0.1 port=5433 user=traktor_arbiter password=traktor dbname=traktor_tutorial");

        Assert.Equal(new ConninfoHost("127.0.0.1", null, 5433), Assert.Single(conninfo.Hosts));
        Assert.Equal(("127.0.0.1", 5433), (conninfo.Host, conninfo.Port));
        Assert.Equal(("traktor_arbiter", "traktor", "traktor_tutorial"), (conninfo.User, conninfo.Password, conninfo.Database));
    }

    [Fact]
    public void Parse_OnlyUser_HasLibpqsDefaults()
    {
        var conninfo = Conninfo.Parse("user=anna");

        Assert.Equal(("localhost", 5432, "anna"), (conninfo.Host, conninfo.Port, conninfo.Database));
        Assert.Null(conninfo.Password);
        Assert.Equal(["user"], conninfo.Keywords);
    }

    [Theory]
    [InlineData("user = anna", "user", "anna")]
    [InlineData("user\t=\n anna", "user", "anna")]
    [InlineData("user=anna password='two words'", "password", "two words")]
    [InlineData("user=anna password = 'two words'", "password", "two words")]
    [InlineData("user=anna password='it\\'s'", "password", "it's")]
    [InlineData("user=anna password='back\\\\slash'", "password", "back\\slash")]
    [InlineData("user=anna password=two\\ words", "password", "two words")]
    [InlineData("user=anna password=a'b", "password", "a'b")]
    [InlineData("user=anna password=a=b", "password", "a=b")]
    [InlineData("password='x'user=anna", "password", "x")]
    [InlineData("user=anna password=a#b;c", "password", "a#b;c")]
    [InlineData("user=anna password=pa\u00a0ss", "password", "pa\u00a0ss")]
    [InlineData("user=anna password=ends\\", "password", "ends")]
    [InlineData("user=first user=anna", "user", "anna")]
    [InlineData("user=anna requiressl=1", "sslmode", "require")]
    [InlineData("user=anna requiressl=0", "sslmode", "prefer")]
    public void Parse_KeywordValueForm_ReadsAsLibpqDoes(string text, string keyword, string value) =>
        Assert.Equal(value, Conninfo.Parse(text).Get(keyword));

    [Theory]
    [InlineData("user=anna password=''")]
    [InlineData("user=anna password= ")]
    [InlineData("user=anna password=")]
    [InlineData("postgresql://anna:@h/")]
    public void Parse_EmptyValue_IsAbsent(string text) => Assert.Null(Conninfo.Parse(text).Password);

    [Fact]
    public void Hosts_SeveralWithPortsAndAddresses_ArePaired()
    {
        var conninfo = Conninfo.Parse("user=anna host=a,,c hostaddr=192.0.2.1,::1, port=1,,3");

        Assert.Equal([new("a", "192.0.2.1", 1), new("::1", "::1", 5432), new("c", null, 3)], conninfo.Hosts);
    }

    [Fact]
    public void Hosts_OnePort_IsForAll() =>
        Assert.Equal([7, 7], Conninfo.Parse("user=anna host=a,b port=7").Hosts.Select(host => host.Port));

    [Fact]
    public void For_OneOfSeveral_LeavesTheRest()
    {
        var conninfo = Conninfo.Parse("user=anna host=a,/run/pg hostaddr=192.0.2.1, port=1,2 dbname=d");

        Assert.Equal("dbname=d host=/run/pg port=2 user=anna", conninfo.For(conninfo.Hosts[1]).ToConninfo());
        Assert.Equal("dbname=d host=a hostaddr=192.0.2.1 port=1 user=anna", conninfo.For(conninfo.Hosts[0]).ToConninfo());
    }

    [Fact]
    public void With_Value_ChangesTheCopyOnly()
    {
        var conninfo = Conninfo.Parse("user=anna password=old");
        var changed = conninfo.With("password", "new one");

        Assert.Equal(("old", "new one"), (conninfo.Password, changed.Password));
        Assert.Null(changed.With("password", null).Password);
        Assert.Throws<RefusedException>(() => conninfo.With("user", ""));
        Assert.Throws<RefusedException>(() => conninfo.With("passwort", "x"));
        Assert.Throws<RefusedException>(() => conninfo.With("password", "a\0b"));
    }

    [Fact]
    public void ToString_Secrets_AreMasked()
    {
        var conninfo = Conninfo.Parse("user=anna password='S3cret one' sslpassword=S3cret host=h");

        Assert.Equal("host=h password=*** sslpassword=*** user=anna", conninfo.ToString());
        Assert.Contains("S3cret one", conninfo.ToConninfo(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user=anna host=a", "host=a user=anna", true)]
    [InlineData("user=anna host=a port=5432", "postgres://anna@a", true)]
    [InlineData("user=anna dbname=anna", "user=anna", true)]
    [InlineData("user=anna sslmode=prefer keepalives=1", "user=anna", true)]
    [InlineData("user=anna host=a,b port=7", "user=anna host=a,b port=7,7", true)]
    [InlineData("user=anna sslmode=require sslrootcert=/r", "user=anna sslmode=verify-ca sslrootcert=/r", true)]
    [InlineData("user=anna sslmode=require", "user=anna", false)]
    [InlineData("user=anna password=a", "user=anna password=b", false)]
    [InlineData("user=anna host=a,b", "user=anna host=b,a", false)]
    [InlineData("user=anna dbname=d", "user=anna", false)]
    [InlineData("user=anna options=-cx=1", "user=anna", false)]
    public void Equals_TwoTexts_CompareByMeaning(string one, string other, bool equal)
    {
        Assert.Equal(equal, Conninfo.Parse(one).Equals(Conninfo.Parse(other)));
        if (equal)
            Assert.Equal(Conninfo.Parse(one).GetHashCode(), Conninfo.Parse(other).GetHashCode());
    }

    [Fact]
    public void ToConninfo_RandomValues_ParseBackToTheSame()
    {
        foreach (var (values, random) in RandomText.Cases(2000))
        {
            var pairs = new[] { "user", "password", "dbname", "options", "application_name", "passfile", "sslkey" }
                .Select(keyword => KeyValuePair.Create(keyword, values()))
                .ToList();
            pairs.Add(new("port", random.Next(1, 65536).ToString()));
            var conninfo = Conninfo.From(pairs);

            Assert.All(pairs, pair => Assert.Equal(pair.Value, conninfo.Get(pair.Key)));
            Assert.Equal(conninfo.ToConninfo(), Conninfo.Parse(conninfo.ToConninfo()).ToConninfo());
            Assert.Equal(conninfo, Conninfo.Parse(conninfo.ToConninfo()));
        }
    }
}
