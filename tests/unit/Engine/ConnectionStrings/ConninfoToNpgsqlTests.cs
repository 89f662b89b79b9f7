using Npgsql;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;
using Traktor.UnitTests.Engine.Postgres;

namespace Traktor.UnitTests.Engine.ConnectionStrings;

public sealed class ConninfoToNpgsqlTests
{
    [Theory]
    [InlineData("user=anna", "localhost", 5432)]
    [InlineData("user=anna host=db1 port=7", "db1", 7)]
    [InlineData("user=anna host=/run/postgresql", "/run/postgresql", 5432)]
    [InlineData("user=anna host=::1", "::1", 5432)]
    [InlineData("user=anna host=db1 hostaddr=192.0.2.1", "192.0.2.1", 5432)]
    [InlineData("user=anna hostaddr=192.0.2.1", "192.0.2.1", 5432)]
    [InlineData("user=anna host=db1 hostaddr=192.0.2.1 sslmode=verify-full", "db1", 5432)]
    [InlineData("user=anna host=db1 hostaddr=192.0.2.1 sslmode=verify-ca", "192.0.2.1", 5432)]
    [InlineData("user=anna host=a,b port=1,2", "a:1,b:2", 5432)]
    [InlineData("user=anna host=a,::1,/run/pg", "a:5432,[::1]:5432,/run/pg:5432", 5432)]
    public void ToNpgsql_Hosts_AreDialledInOrder(string conninfo, string host, int port)
    {
        var npgsql = Conninfo.Parse(conninfo).ToNpgsql();

        Assert.Equal((host, port), (npgsql.Host, npgsql.Port));
        using var source = NpgsqlDataSource.Create(npgsql);
    }

    [Theory]
    [InlineData("", SslMode.Prefer)]
    [InlineData("sslmode=disable", SslMode.Disable)]
    [InlineData("sslmode=allow", SslMode.Allow)]
    [InlineData("sslmode=prefer", SslMode.Prefer)]
    [InlineData("sslmode=require", SslMode.Require)]
    [InlineData("sslmode=require sslrootcert=/r", SslMode.VerifyCA)]
    [InlineData("sslmode=prefer sslrootcert=/r", SslMode.Prefer)]
    [InlineData("sslmode=verify-ca", SslMode.VerifyCA)]
    [InlineData("sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("sslrootcert=system", SslMode.VerifyFull)]
    public void ToNpgsql_Sslmode_VerifiesAsLibpqDoes(string settings, SslMode mode) =>
        Assert.Equal(mode, Conninfo.Parse("user=anna " + settings).ToNpgsql().SslMode);

    [Fact]
    public void ToNpgsql_EveryMappedKeyword_ChangesTheResult()
    {
        var values = new Dictionary<string, string>
        {
            ["host"] = "db1",
            ["hostaddr"] = "192.0.2.1",
            ["port"] = "7",
            ["dbname"] = "d",
            ["user"] = "otto",
            ["password"] = "p",
            ["passfile"] = "/p",
            ["require_auth"] = "scram-sha-256,md5",
            ["channel_binding"] = "require",
            ["connect_timeout"] = "3",
            ["options"] = "-c x=1",
            ["application_name"] = "a",
            ["fallback_application_name"] = "f",
            ["keepalives"] = "0",
            ["keepalives_idle"] = "4",
            ["gssencmode"] = "disable",
            ["sslmode"] = "require",
            ["sslcert"] = "/c",
            ["sslkey"] = "/k",
            ["sslpassword"] = "s",
            ["sslrootcert"] = "/r",
            ["krbsrvname"] = "k",
        };
        var plain = Conninfo.Parse("user=anna").ToNpgsql();
        foreach (var (keyword, value) in values)
            Assert.NotEqual(plain.ConnectionString, Conninfo.Parse("user=anna").With(keyword, value).ToNpgsql().ConnectionString);

        // These act only together with another.
        var several = Conninfo.Parse("user=anna host=a,b");
        Assert.Equal("read-write", several.With("target_session_attrs", "read-write").ToNpgsql().TargetSessionAttributes);
        Assert.True(several.With("load_balance_hosts", "random").ToNpgsql().LoadBalanceHosts);
        Assert.Equal(5, Conninfo.Parse("user=anna keepalives_idle=4 keepalives_interval=5").ToNpgsql().TcpKeepAliveInterval);
        Assert.Equal(SslNegotiation.Direct, Conninfo.Parse("user=anna sslmode=require sslnegotiation=direct").ToNpgsql().SslNegotiation);
        Assert.Null(Conninfo.Parse("user=anna sslcert=/c sslcertmode=disable").ToNpgsql().SslCertificate);

        string[] together = ["target_session_attrs", "load_balance_hosts", "keepalives_interval", "sslnegotiation", "sslcertmode"];
        var mapped = ConninfoKeywords.All.Where(keyword => keyword.Use == KeywordUse.Mapped).Select(keyword => keyword.Name);
        Assert.Equal(mapped.Order(), values.Keys.Concat(together).Order());
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0", 0)]
    [InlineData("-1", 0)]
    [InlineData("5000", 1024)]
    public void ToNpgsql_ConnectTimeout_StaysInNpgsqlsRange(string value, int seconds) =>
        Assert.Equal(seconds, Conninfo.Parse("user=anna").With("connect_timeout", value).ToNpgsql().Timeout);

    [Fact]
    public void ToNpgsql_ApplicationName_WinsOverFallback()
    {
        Assert.Equal("a", Conninfo.Parse("user=anna fallback_application_name=f application_name=a").ToNpgsql().ApplicationName);
        Assert.Equal("f", Conninfo.Parse("user=anna fallback_application_name=f").ToNpgsql().ApplicationName);
    }

    [Fact]
    public void ToNpgsql_EveryIgnoredKeyword_ChangesNothingAndHasAReason()
    {
        var plain = Conninfo.Parse("user=anna").ToNpgsql().ConnectionString;
        foreach (var keyword in ConninfoKeywords.All.Where(keyword => keyword.Use == KeywordUse.Ignored))
        {
            Assert.NotNull(keyword.Reason);
            Assert.Equal(plain, Conninfo.Parse("user=anna").With(keyword.Name, keyword.Values?[0] ?? "9").ToNpgsql().ConnectionString);
        }
    }

    [Fact]
    public void ToNpgsql_AnyAcceptedValueOfAList_IsAcceptedByNpgsql()
    {
        foreach (var keyword in ConninfoKeywords.All.Where(keyword => keyword.Values is not null))
        {
            foreach (
                var value in keyword.Values!.Where(value =>
                    (keyword.Name, value) is not (("sslcertmode", "require") or ("ssl_min_protocol_version", "TLSv1.3"))
                )
            )
            {
                using var source = NpgsqlDataSource.Create(
                    Conninfo.Parse("user=anna host=a,b sslmode=require password=x").With(keyword.Name, value).ToNpgsql()
                );
            }
        }
    }

    [Fact]
    public void FromNpgsql_RandomConninfos_ComeBackEqual()
    {
        foreach (var (values, random) in RandomText.Cases(2000))
        {
            var conninfo = Conninfo.From([
                new("user", values()),
                new("password", values()),
                new("dbname", values()),
                new("options", values()),
                new("application_name", values()),
                new("passfile", values()),
                new("sslcert", values()),
                new("sslkey", values()),
                new("sslpassword", values()),
                new("sslrootcert", values()),
                new("host", Pick(random, "", "a", "::1", "/run/pg", "a,b", "a,::1,/run/pg")),
                new("port", Pick(random, "", "5432", "7")),
                new("sslmode", Pick(random, "", "disable", "allow", "prefer", "require", "verify-ca", "verify-full")),
                new("channel_binding", Pick(random, "", "disable", "prefer", "require")),
                new("gssencmode", Pick(random, "", "disable", "prefer", "require")),
                new("connect_timeout", Pick(random, "", "0", "15", "1024")),
                new("keepalives", Pick(random, "", "1")),
                new("require_auth", Pick(random, "", "md5", "!password", "scram-sha-256,gss")),
                new("krbsrvname", Pick(random, "", "postgres", "pg")),
            ]);
            var text = conninfo.ToNpgsql().ConnectionString;

            Assert.Equal(conninfo, ConninfoToNpgsql.FromNpgsql(new NpgsqlConnectionStringBuilder(text)));
        }
    }

    [Fact]
    public void FromNpgsql_KeepAliveAndDirectTlsAndSystemRoots_ComeBackEqual()
    {
        foreach (
            var text in new[]
            {
                "user=anna keepalives=0",
                "user=anna keepalives_idle=4 keepalives_interval=5",
                "user=anna sslmode=require sslnegotiation=direct",
                "user=anna sslrootcert=system",
                "user=anna host=a,b port=1,2 target_session_attrs=prefer-standby load_balance_hosts=random",
            }
        )
        {
            Assert.Equal(Conninfo.Parse(text), ConninfoToNpgsql.FromNpgsql(Conninfo.Parse(text).ToNpgsql()));
        }
    }

    [Fact]
    public void FromNpgsql_OnlyWhatConcernsTheServer_IsKept() =>
        Assert.Equal(
            "dbname=shop host=a,b password='x y' port=5432,7 sslmode=prefer user=anna",
            ConninfoToNpgsql
                .FromNpgsql(
                    new NpgsqlConnectionStringBuilder(
                        "Host=a,b:7;Username=anna;Password=x y;Database=shop;Pooling=false;Maximum Pool Size=3;Command Timeout=9"
                    )
                )
                .With("krbsrvname", "")
                .With("channel_binding", "")
                .With("gssencmode", "")
                .ToConninfo()
        );

    [Fact]
    public void FromNpgsql_WithoutUser_IsRefused() =>
        Assert.Throws<RefusedException>(() => ConninfoToNpgsql.FromNpgsql(new NpgsqlConnectionStringBuilder("Host=a")));

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];
}
