using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;
using Traktor.UnitTests.Engine.Postgres;

namespace Traktor.UnitTests.Engine.ConnectionStrings;

public sealed class ConninfoUriTests
{
    [Theory]
    [InlineData("postgresql://anna@", "user=anna")]
    [InlineData("postgresql://anna@localhost", "host=localhost user=anna")]
    [InlineData("postgres://anna@h:5433", "host=h port=5433 user=anna")]
    [InlineData("postgresql://anna@h/shop", "dbname=shop host=h user=anna")]
    [InlineData("postgresql://anna:secret@h/", "host=h password=secret user=anna")]
    [InlineData("postgresql://anna:se%20cret%40%2F@h", "host=h password='se cret@/' user=anna")]
    [InlineData("postgresql://anna:a:b@h", "host=h password=a:b user=anna")]
    [InlineData("postgresql://anna:p?x@h", "host=h password='p?x' user=anna")]
    [InlineData("postgresql://anna@[::1]:5433/shop", "dbname=shop host=::1 port=5433 user=anna")]
    [InlineData("postgresql://anna@[2001:db8::1]", "host=2001:db8::1 user=anna")]
    [InlineData("postgresql://anna@a:1,b:2/shop", "dbname=shop host=a,b port=1,2 user=anna")]
    [InlineData("postgresql://anna@a,[::1]:2/shop", "dbname=shop host=a,::1 port=,2 user=anna")]
    [InlineData("postgresql://anna@:1,:2/shop", "dbname=shop host=, port=1,2 user=anna")]
    [InlineData("postgresql:///shop?host=/run/pg&user=anna", "dbname=shop host=/run/pg user=anna")]
    [InlineData("postgresql://anna@%2Frun%2Fpg:7/shop", "dbname=shop host=/run/pg port=7 user=anna")]
    [InlineData("postgresql://?user=anna&host=h", "host=h user=anna")]
    [InlineData("postgresql://anna@h?sslmode=require", "host=h sslmode=require user=anna")]
    [InlineData("postgresql://anna@h/shop?ssl=true", "dbname=shop host=h sslmode=require user=anna")]
    [InlineData(
        "postgresql://anna@h?application_name=my%20app&connect_timeout=3",
        "application_name='my app' connect_timeout=3 host=h user=anna"
    )]
    [InlineData("postgresql://anna@h/a?dbname=b", "dbname=b host=h user=anna")]
    [InlineData("postgresql://%61nna:%F0%9F%9A%9C@h/%C3%A4", "dbname='ä' host=h password='🚜' user=anna")]
    [InlineData("postgresql://änna:🚜%20x@h", "host=h password='🚜 x' user='änna'")]
    [InlineData("  postgresql://anna@h\n", "host=h user=anna")]
    public void Parse_Uri_MeansItsKeywords(string uri, string conninfo) => Assert.Equal(conninfo, Conninfo.Parse(uri).ToConninfo());

    [Theory]
    [InlineData("postgresql://h/shop", "no user")]
    [InlineData("postgresql://anna:a b@h", "blank")]
    [InlineData("postgresql://anna:a%2@h", "'%'")]
    [InlineData("postgresql://anna:a%zz@h", "'%'")]
    [InlineData("postgresql://anna:a%00@h", "NUL")]
    [InlineData("postgresql://anna:a%ff@h", "UTF-8")]
    [InlineData("postgresql://anna@[::1", "']'")]
    [InlineData("postgresql://anna@[]", "']'")]
    [InlineData("postgresql://anna@[::1]x", "IPv6")]
    [InlineData("postgresql://anna@h:port", "port")]
    [InlineData("postgresql://anna@h?sslmode", "without '='")]
    [InlineData("postgresql://anna@h?options=a=b", "more than one '='")]
    [InlineData("postgresql://anna@h?ssl=false", "keyword")]
    [InlineData("postgresql://anna@h?sslmod=require", "'sslmode'")]
    [InlineData("postgresql://anna@h?=x", "other than a keyword")]
    [InlineData("mysql://anna@h", "=")]
    public void Parse_WrongUri_IsRefusedWithTheReason(string uri, string reason)
    {
        var refused = Assert.Throws<RefusedException>(() => Conninfo.Parse(uri));

        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_HalfASurrogatePair_IsRefused()
    {
        foreach (var half in new[] { (char)0xd800, (char)0xdc00 })
        {
            Assert.Throws<RefusedException>(() => Conninfo.Parse($"postgresql://anna:{half}%20@h"));
            Assert.Throws<RefusedException>(() => Conninfo.Parse($"postgresql://anna:x{half}@h"));
            Assert.Throws<RefusedException>(() => Conninfo.Parse($"postgresql://anna:%20{half}"));
            Assert.Throws<RefusedException>(() => Conninfo.Parse($"postgresql://anna@h/%20{half}"));
        }
    }

    [Fact]
    public void Parse_RandomValuesPercentEncoded_ComeBack()
    {
        foreach (var (values, _) in RandomText.Cases(1000))
        {
            var (user, password, database, options) = (values(), values(), values(), values());
            var conninfo = Conninfo.Parse($"postgresql://{Escape(user)}:{Escape(password)}@h/{Escape(database)}?options={Escape(options)}");

            Assert.Equal(
                (user, password, database, options),
                (conninfo.User, conninfo.Password, conninfo.Database, conninfo.Get("options"))
            );
        }
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
