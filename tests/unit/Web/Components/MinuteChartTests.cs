using Bunit;
using Traktor.Web.Components.Conflicts;

namespace Traktor.UnitTests.Web.Components;

public sealed class MinuteChartTests : BunitContext
{
    [Fact]
    public void Bars_AreAsHighAsTheyCount_AndSaidInWords()
    {
        var chart = Render<MinuteChart>(chart => chart.Add(c => c.Bars, [0, 29, 58, 1]));
        Assert.Equal(["1", "29", "58", "2"], chart.FindAll("rect").Select(bar => bar.GetAttribute("height")));
        Assert.Equal(
            "Conflicts per minute in the last hour: 88 in total, 1 in this minute, 58 at the peak.",
            chart.Find("svg").GetAttribute("aria-label")
        );
        Assert.Equal("58 1 min ago", chart.FindAll("rect title")[2].TextContent);
    }

    [Fact]
    public void NodesThatAreNotLoaded_AreNamed() =>
        Assert.Contains(
            "at the peak · nodes 1 and 2 not counted",
            Render<MinuteChart>(chart => chart.Add(c => c.Bars, [0, 1]).Add(c => c.Uncounted, [1, 2])).Find("figcaption").TextContent,
            StringComparison.Ordinal
        );

    [Fact]
    public void NoBars_IsNoError() =>
        Assert.Contains(
            "<strong>0</strong> in total",
            Render<MinuteChart>(chart => chart.Add(c => c.Bars, [])).Markup,
            StringComparison.Ordinal
        );
}
