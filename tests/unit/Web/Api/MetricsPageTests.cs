using Traktor.Engine.Subscriptions;
using Traktor.UnitTests.Web.Contracts;
using Traktor.Web.Api.Status;

namespace Traktor.UnitTests.Web.Api;

public sealed class MetricsPageTests
{
    private static readonly SubscriptionStatus Subscription = new(
        1,
        "trktr_sub_0_1",
        SubscriptionState.CatchingUp,
        "host=peer password=***",
        1500,
        null,
        42,
        null,
        null,
        null,
        -2,
        3
    );

    [Fact]
    public void Render_Status_HasItsNumbers()
    {
        var page = MetricsPage.Render(StatusAnswerTests.Status(), [Subscription]);

        Assert.Contains("traktor_info{node=\"0\",server_version=\"16.14\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains(
            "# TYPE traktor_conflicts_resolved_total counter\ntraktor_conflicts_resolved_total{node=\"0\"} 7\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("traktor_subscription_lag_seconds{node=\"0\",peer=\"1\"} 1.5\n", page, StringComparison.Ordinal);
        Assert.Contains("traktor_subscription_clock_offset_seconds{node=\"0\",peer=\"1\"} -0.002\n", page, StringComparison.Ordinal);
        Assert.Contains("traktor_subscription_state{node=\"0\",peer=\"1\",state=\"catching_up\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("traktor_subscription_state{node=\"0\",peer=\"1\",state=\"streaming\"} 0\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_UnknownNumber_IsLeftOutWithItsHeader() =>
        Assert.DoesNotContain(
            "traktor_subscription_lag_bytes",
            MetricsPage.Render(StatusAnswerTests.Status(), [Subscription]),
            StringComparison.Ordinal
        );

    [Fact]
    public void Render_AnyLine_IsACommentOrANumber()
    {
        foreach (
            var line in MetricsPage.Render(StatusAnswerTests.Status(), [Subscription]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        )
            Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+=""[^""]*"",?)+\})? -?[0-9.E+-]+)$", line);
    }
}
