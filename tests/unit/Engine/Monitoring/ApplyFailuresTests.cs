using Microsoft.Extensions.Time.Testing;
using Traktor.Engine.Monitoring;

namespace Traktor.UnitTests.Engine.Monitoring;

public sealed class ApplyFailuresTests
{
    private const uint Subscription = 16400;

    private readonly FakeTimeProvider time = new();
    private readonly ApplyFailures errors;

    public ApplyFailuresTests() => errors = new ApplyFailures(time);

    [Fact]
    public void Note_FirstLook_IsNoFailureWhateverTheCount() => Assert.False(errors.Note(Subscription, 12, isPeerConnected: true));

    [Fact]
    public void Note_CountGrew_Fails()
    {
        errors.Note(Subscription, 0, isPeerConnected: true);

        Assert.True(errors.Note(Subscription, 1, isPeerConnected: true));
    }

    [Fact]
    public void Note_CountFellAfterACrashAndIsNotZero_Fails()
    {
        errors.Note(Subscription, 12, isPeerConnected: true);

        Assert.True(errors.Note(Subscription, 1, isPeerConnected: true));
    }

    [Fact]
    public void Note_CountBackToZero_IsNoFailure()
    {
        errors.Note(Subscription, 12, isPeerConnected: true);

        Assert.False(errors.Note(Subscription, 0, isPeerConnected: true));
    }

    [Fact]
    public void Note_NoFurtherChange_IsRememberedAndThenForgotten()
    {
        errors.Note(Subscription, 0, isPeerConnected: true);
        errors.Note(Subscription, 1, isPeerConnected: true);

        time.Advance(ApplyFailures.Memory - TimeSpan.FromMilliseconds(1));
        Assert.True(errors.Note(Subscription, 1, isPeerConnected: true));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(errors.Note(Subscription, 1, isPeerConnected: true));
    }

    [Fact]
    public void Note_CountGrewWhileThePeerIsGone_IsTheLink()
    {
        errors.Note(Subscription, 0, isPeerConnected: true);

        Assert.False(errors.Note(Subscription, 1, isPeerConnected: false));
        Assert.False(errors.Note(Subscription, 1, isPeerConnected: true));
    }

    [Fact]
    public void Note_AnotherSubscription_IsApart()
    {
        errors.Note(Subscription, 0, isPeerConnected: true);
        errors.Note(Subscription + 1, 0, isPeerConnected: true);
        errors.Note(Subscription, 1, isPeerConnected: true);

        Assert.False(errors.Note(Subscription + 1, 0, isPeerConnected: true));
    }
}
