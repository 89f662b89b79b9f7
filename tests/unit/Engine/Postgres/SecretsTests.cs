using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Postgres;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("host=h password=S3cret dbname=d", "host=h password=*** dbname=d")]
    [InlineData("password = S3cret dbname=d", "password = *** dbname=d")]
    [InlineData("password='S3cret one' dbname=d", "password=*** dbname=d")]
    [InlineData("password='S3\\'cret' dbname=d", "password=*** dbname=d")]
    [InlineData("password=S3\\ cret dbname=d", "password=*** dbname=d")]
    [InlineData("password=S3;cret dbname=d", "password=*** dbname=d")]
    [InlineData("password=S3cret&more dbname=d", "password=*** dbname=d")]
    [InlineData("sslpassword=S3cret sslkey=k", "sslpassword=*** sslkey=k")]
    [InlineData("PGPASSWORD=S3cret psql", "PGPASSWORD=*** psql")]
    [InlineData("scram_client_key=S3cret x", "scram_client_key=*** x")]
    [InlineData("oauth_client_secret='S3cret' x", "oauth_client_secret=*** x")]
    [InlineData("password='S3cret that is not closed", "password=***")]
    [InlineData("password='S3cret\\", "password=***")]
    [InlineData("postgresql://anna:S3cret@h/d", "postgresql://anna:***@h/d")]
    [InlineData("at postgres://anna:S3@cret@h/d now", "at postgres://anna:***@h/d now")]
    [InlineData("postgres://:S3cret@h/d", "postgres://:***@h/d")]
    [InlineData("postgresql://anna@h/d?password=S3cret", "postgresql://anna@h/d?password=***")]
    [InlineData("https://anna:S3cret@h/", "https://anna:***@h/")]
    [InlineData("Host=h;Password=S3cret;Database=d", "Host=h;Password=***;Database=d")]
    [InlineData("Host=h;Password=S3 cret;Database=d", "Host=h;Password=***;Database=d")]
    [InlineData("Host=h;Password=S3 cret", "Host=h;Password=***")]
    [InlineData("Password=S3 cret;Host=h", "Password=***;Host=h")]
    [InlineData("Host=h;Password=\"S3;cret\";Database=d", "Host=h;Password=***;Database=d")]
    [InlineData("Host=h;SSL Password=S3cret;Database=d", "Host=h;SSL Password=***;Database=d")]
    [InlineData("Host=h;PWD=S3cret;Database=d", "Host=h;PWD=***;Database=d")]
    [InlineData("password=***S3cret dbname=d", "password=*** dbname=d")]
    [InlineData("password=***;S3cret dbname=d", "password=*** dbname=d")]
    [InlineData("CREATE ROLE anna PASSWORD 'S3''cret' LOGIN", "CREATE ROLE anna PASSWORD *** LOGIN")]
    [InlineData("{\"password\": \"S3\\\"cret\", \"a\": 1}", "{\"password\": ***, \"a\": 1}")]
    public void Redact_Password_IsMasked(string text, string masked) => Assert.Equal(masked, Secrets.Redact(text));

    [Theory]
    [InlineData("")]
    [InlineData("host=h port=5432 user=anna dbname=d passfile=/p")]
    [InlineData("FATAL: password authentication failed for user \"anna\"")]
    [InlineData("http://localhost:8080/v1/arbiter/status")]
    [InlineData("column password_hash = 3")]
    public void Redact_NothingSecret_IsLeft(string text) => Assert.Equal(text, Secrets.Redact(text));

    [Fact]
    public void Redact_RandomPasswordInAnyForm_NeverShows()
    {
        foreach (var (values, _) in RandomText.Cases(2000))
        {
            var password = "S3" + values() + "cret";
            var conninfo = Conninfo.Parse("user=anna host=h").With("password", password);
            string[] texts =
            [
                conninfo.ToConninfo(),
                $"failed: {conninfo.ToConninfo()} (again)",
                $"CREATE SUBSCRIPTION s CONNECTION {Quote.Literal(conninfo.ToConninfo())} PUBLICATION p",
                $"postgresql://anna:{Uri.EscapeDataString(password)}@h/d",
                new NpgsqlConnectionStringBuilder
                {
                    Host = "h",
                    Password = password,
                    Database = "d",
                }.ConnectionString,
            ];
            foreach (var text in texts)
            {
                var redacted = Secrets.Redact(text);
                Assert.Contains(Secrets.Mask, redacted, StringComparison.Ordinal);
                Assert.True(
                    !redacted.Contains("S3", StringComparison.Ordinal) && !redacted.Contains("cret", StringComparison.Ordinal),
                    $"{text} → {redacted}"
                );
            }
        }
    }

    [Fact]
    public void Redact_HostileText_EndsSoon()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var piece in new[] { "\\", "'", "''", "password=''", "password='\\", "\"", "a://b:", "password=", ";", "password=a b" })
            Secrets.Redact("password=''" + string.Concat(Enumerable.Repeat(piece, 10_000 / piece.Length)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }
}
