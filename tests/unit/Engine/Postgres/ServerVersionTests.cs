using Traktor.Engine;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Postgres;

public sealed class ServerVersionTests
{
    [Theory]
    [InlineData(160014, "16.14")]
    [InlineData(160010, "16.10")]
    [InlineData(160001, "16.1")]
    [InlineData(180000, "18.0")]
    public void Text_VersionNum_IsAsPeopleWriteIt(int number, string text) => Assert.Equal(text, ServerVersion.Text(number));

    [Fact]
    public void Number_Ten_KeepsItsZero() => Assert.Equal("16.10", ServerVersion.Number(160010).ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void WhyRefused_15_SaysWhatIsNeeded()
    {
        var refusal = ServerVersion.WhyRefused(150018, "node 3");

        Assert.Equal(RefusalKind.Preflight, refusal?.Kind);
        Assert.StartsWith("node 3 runs PostgreSQL 15.18; Traktor needs 16 or newer", refusal?.Message, StringComparison.Ordinal);
        Assert.Null(ServerVersion.WhyRefused(ServerVersion.Oldest, "node 3"));
    }
}
