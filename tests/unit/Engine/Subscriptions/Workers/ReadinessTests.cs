using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.UnitTests.Engine.Subscriptions.Workers;

public sealed class ReadinessTests
{
    [Theory]
    [InlineData(false, false, null, null, null, Stage.Able)]
    [InlineData(true, false, null, null, null, Stage.Able)]
    [InlineData(true, true, null, null, null, Stage.Subscribed)]
    [InlineData(true, true, "paused", null, null, Stage.Subscribed)]
    [InlineData(true, false, "paused", null, null, Stage.Unable)]
    [InlineData(false, false, "paused", null, null, Stage.Unable)]
    [InlineData(false, false, null, "no table", null, Stage.Unable)]
    [InlineData(true, true, null, "columns differ", null, Stage.Unable)]
    [InlineData(true, false, null, null, "refresh failed", Stage.Unable)]
    public void Of_WhatIsSeen_IsTold(
        bool isPublished,
        bool isSubscribed,
        string? whyOff,
        string? whyNotFit,
        string? refreshError,
        Stage stage
    )
    {
        var word = Readiness.Of(isPublished, isSubscribed, whyOff, whyNotFit, refreshError);

        Assert.Equal(stage, word.Stage);
        Assert.Equal(stage == Stage.Unable, word.Reason is not null);
    }

    [Fact]
    public void Of_LeftFromAnEarlierPublication_IsNotSubscribed() =>
        Assert.Equal(Stage.Able, Readiness.Of(isPublished: false, isSubscribed: true, null, null, null).Stage);

    [Fact]
    public void Of_RefreshFailsForAnotherTable_IsUnable() =>
        Assert.Equal(Stage.Unable, Readiness.Of(isPublished: false, isSubscribed: false, null, null, "another table").Stage);
}
