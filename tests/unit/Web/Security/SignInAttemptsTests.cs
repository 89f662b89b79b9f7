using System.Net;
using Microsoft.Extensions.Time.Testing;
using Traktor.Web.Security.Sessions;

namespace Traktor.UnitTests.Web.Security;

public sealed class SignInAttemptsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new();
    private readonly SignInAttempts _attempts;

    public SignInAttemptsTests() => _attempts = new SignInAttempts(_time);

    private void UseUpFreeOnes(IPAddress address)
    {
        for (var i = 0; i < SignInAttempts.Free; i++)
            Assert.Equal(TimeSpan.Zero, _attempts.Begin(address));
    }

    [Fact]
    public void Begin_AfterTheFreeOnes_WaitsTwiceAsLongEachTime()
    {
        UseUpFreeOnes(Here);
        foreach (var seconds in new[] { 1, 2, 4, 8 })
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), _attempts.Begin(Here));
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(TimeSpan.Zero, _attempts.Begin(Here));
        }
    }

    [Fact]
    public void Begin_HundredsOfTimes_NeverWaitsLongerThanTheLongest()
    {
        UseUpFreeOnes(Here);
        for (var i = 0; i < 300; i++)
        {
            Assert.InRange(_attempts.Begin(Here), TimeSpan.FromSeconds(1), SignInAttempts.LongestWait);
            _time.Advance(SignInAttempts.LongestWait);
            Assert.Equal(TimeSpan.Zero, _attempts.Begin(Here));
        }
    }

    [Fact]
    public void Begin_WhileItHasToWait_DoesNotMakeTheWaitLonger()
    {
        UseUpFreeOnes(Here);
        for (var i = 0; i < 50; i++)
            Assert.Equal(TimeSpan.FromSeconds(1), _attempts.Begin(Here));
    }

    [Fact]
    public void Begin_FromAnotherAddress_IsFree()
    {
        UseUpFreeOnes(Here);
        Assert.NotEqual(TimeSpan.Zero, _attempts.Begin(Here));
        Assert.Equal(TimeSpan.Zero, _attempts.Begin(IPAddress.Parse("192.0.2.2")));
    }

    [Fact]
    public void Begin_FromTheSameIPv6Network_IsTheSameAddress()
    {
        UseUpFreeOnes(IPAddress.Parse("2001:db8:1:2::1"));
        Assert.NotEqual(TimeSpan.Zero, _attempts.Begin(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(TimeSpan.Zero, _attempts.Begin(IPAddress.Parse("2001:db8:1:3::1")));
    }

    [Fact]
    public void Begin_IPv4WrittenAsIPv6_IsTheSameAddress()
    {
        UseUpFreeOnes(Here);
        Assert.NotEqual(TimeSpan.Zero, _attempts.Begin(Here.MapToIPv6()));
    }

    [Fact]
    public void Succeeded_ForgetsTheAddress()
    {
        UseUpFreeOnes(Here);
        _attempts.Succeeded(Here);
        UseUpFreeOnes(Here);
    }

    [Fact]
    public void Begin_AfterALongPause_BeginsAnew()
    {
        UseUpFreeOnes(Here);
        _time.Advance(SignInAttempts.Memory + TimeSpan.FromSeconds(1));
        UseUpFreeOnes(Here);
    }

    [Fact]
    public void Begin_AtOnceFromManyThreads_LetsOnlyTheFreeOnesPass()
    {
        var passed = 0;
        Parallel.For(
            0,
            200,
            _ =>
            {
                if (_attempts.Begin(Here) == TimeSpan.Zero)
                    Interlocked.Increment(ref passed);
            }
        );
        Assert.Equal(SignInAttempts.Free, passed);
    }
}
