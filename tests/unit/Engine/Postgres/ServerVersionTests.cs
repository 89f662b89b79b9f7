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
    public void Number_Ten_KeepsItsZero() =>
        Assert.Equal("16.10", ServerVersion.Number(160010).ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void WhyRefused_15_SaysWhatIsNeeded()
    {
        var refusal = ServerVersion.WhyRefused(150018, "node 3", pre16Compatibility: false);

        Assert.Equal(RefusalKind.Preflight, refusal?.Kind);
        Assert.StartsWith("node 3 runs PostgreSQL 15.18, which cannot tell", refusal?.Message, StringComparison.Ordinal);
        Assert.StartsWith("Set Pre16Compatibility = True", refusal?.Hint, StringComparison.Ordinal);
        Assert.Null(ServerVersion.WhyRefused(150018, "node 3", pre16Compatibility: true));
        Assert.Null(ServerVersion.WhyRefused(ServerVersion.KnowsOrigin, "node 3", pre16Compatibility: false));
    }

    [Fact]
    public void WhyRefused_14_WhateverTheSetting() =>
        Assert.Contains(
            "needs 15 or newer",
            ServerVersion.WhyRefused(140012, "node 3", pre16Compatibility: true)?.Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(150018, 180004, true)]
    [InlineData(180004, 150018, true)]
    [InlineData(150018, 150018, true)]
    [InlineData(160000, 180004, false)]
    public void NeedsMarks_UnlessBothKnowOrigins(int receiver, int sender, bool expected)
    {
        Assert.Equal(expected, ServerVersion.NeedsMarks(receiver, sender));
    }
}
