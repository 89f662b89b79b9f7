using System.Net;
using Microsoft.Extensions.Time.Testing;
using Traktor.Web.Security.Keys;

namespace Traktor.UnitTests.Web.Security;

public sealed class KeyAttemptsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new();
    private readonly KeyAttempts _attempts;

    public KeyAttemptsTests() => _attempts = new KeyAttempts(_time);

    private void UseUpFreeOnes(IPAddress address)
    {
        for (var i = 0; i < KeyAttempts.Free; i++)
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
            Assert.InRange(_attempts.Begin(Here), TimeSpan.FromSeconds(1), KeyAttempts.LongestWait);
            _time.Advance(KeyAttempts.LongestWait);
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
    public void Forget_TheAddress_ResetsItsCount()
    {
        UseUpFreeOnes(Here);
        _attempts.Forget(Here);
        UseUpFreeOnes(Here);
    }

    [Fact]
    public void Withdraw_AfterEveryGuess_TakesBackOnlyItself()
    {
        for (var i = 0; i < KeyAttempts.Free - 1; i++)
        {
            Assert.Equal(TimeSpan.Zero, _attempts.Begin(Here));
            Assert.Equal(TimeSpan.Zero, _attempts.Begin(Here));
            _attempts.Withdraw(Here);
        }

        Assert.Equal(TimeSpan.Zero, _attempts.Begin(Here));
        Assert.Equal(TimeSpan.FromSeconds(1), _attempts.Begin(Here));
    }

    [Fact]
    public void Withdraw_TheOnlyOne_LeavesNothing()
    {
        for (var i = 0; i < 3 * KeyAttempts.Free; i++)
        {
            Assert.Equal(TimeSpan.Zero, _attempts.Begin(Here));
            _attempts.Withdraw(Here);
        }

        _attempts.Withdraw(Here);
        UseUpFreeOnes(Here);
    }

    [Fact]
    public void Begin_AfterALongPause_BeginsAnew()
    {
        UseUpFreeOnes(Here);
        _time.Advance(KeyAttempts.Memory + TimeSpan.FromSeconds(1));
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
        Assert.Equal(KeyAttempts.Free, passed);
    }
}
