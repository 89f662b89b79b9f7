using Microsoft.Extensions.Time.Testing;
using Traktor.Engine.Access;
using Traktor.Web.Security.Signatures;

namespace Traktor.UnitTests.Web.Security;

public sealed class SignatureCheckTests
{
    private const string Own = "http://127.0.0.1:8080/";
    private const string Target = "/v1/arbiter/conflicts/7/resolution?scope=node";

    // Deriving a key takes a while, and changes nothing between cases.
    private static readonly SigningKeys Keys = new("everything", "looking", new Dictionary<int, string>());
    private static readonly SigningKey Stranger = new("something else");

    private static readonly Actor Alice = new(ActorKind.User, "alice", Role.Admin, "192.0.2.1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly SignatureCheck _check;

    public SignatureCheckTests()
    {
        _check = new SignatureCheck(Keys, new Uri("http://127.0.0.1:8080"), _time);
        _time.Advance(TimeSpan.FromHours(1));
    }

    private CallSignature Call(SigningKey? key = null, string to = Own, TimeSpan offset = default, Actor? actor = null) =>
        (key ?? Keys.Own).Sign(CallSignature.Of("{}"u8, to, actor ?? Alice, _time.GetUtcNow() + offset), "POST", Target);

    private SignatureAnswer Check(CallSignature call, string method = "POST", string target = Target) =>
        _check.Check(call.ToString(), method, target);

    [Fact]
    public void Check_ACallAsItWasSigned_HasTheRightsOfItsKey()
    {
        var answer = Check(Call());

        Assert.Null(answer.Refusal);
        Assert.Equal((Alice, CallSignature.HashOf("{}"u8)), (answer.Actor, answer.Body));
        Assert.Equal(Alice with { Role = Role.Viewer }, Check(Call(Keys.ReadOnly)).Actor);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    [InlineData(Role.Admin)]
    public void Check_AnActor_IsTheOneThatWasSigned(Role role)
    {
        Actor[] actors =
        [
            new(ActorKind.User, "a: b/ü%3A🐘", role, "2001:db8::1"),
            new(ActorKind.ApiKey, new string('k', Actor.LongestName), role),
            Actor.OfOneTimeLink(null) with
            {
                Role = role,
            },
        ];

        Assert.All(actors, actor => Assert.Equal(actor, Check(Call(actor: actor)).Actor));
    }

    [Theory]
    [InlineData("")]
    [InlineData("admin")]
    [InlineData("admin:user:alice")]
    [InlineData("owner:user:alice:")]
    [InlineData("Admin:user:alice:")]
    [InlineData("admin:somebody:alice:")]
    [InlineData("admin:user::")]
    [InlineData("admin:user:a%0Ab:")]
    [InlineData("admin:user:alice::1")]
    public void Check_SignedForNobody_IsRefused(string actor)
    {
        var call = CallSignature.Of("{}"u8, Own, Alice, _time.GetUtcNow()) with { Actor = actor };

        var answer = Check(Keys.Own.Sign(call, "POST", Target));

        Assert.True(answer is { Actor: null, Refusal: not null });
    }

    [Fact]
    public void Check_AnyPartChanged_IsRefusedAsAGuess()
    {
        var call = Call();

        Assert.All(
            [
                Check(call, method: "PUT"),
                Check(call, target: "/v1/arbiter/conflicts/8/resolution?scope=node"),
                Check(call, target: "/v1/arbiter/conflicts/7/resolution?scope=mesh"),
                Check(call with { Time = call.Time + 1 }),
                Check(call with { Nonce = new string('0', 32) }),
                Check(call with { Body = CallSignature.HashOf("{ }"u8) }),
                Check(call with { To = "http://127.0.0.1:8081/" }),
                Check(call with { Actor = ActorText.Of(Alice with { Name = "bob" }) }),
                Check(call with { Actor = ActorText.Of(Alice with { Address = null }) }),
                Check(call with { Code = new string('0', 64) }),
                Check(Call(Stranger)),
                _check.Check(call.ToString().ToUpperInvariant(), "POST", Target),
                _check.Check(call.ToString().Replace("v1", "v2", StringComparison.Ordinal), "POST", Target),
                _check.Check(call + " ", "POST", Target),
                _check.Check(call + "," + call, "POST", Target),
                _check.Check("", "POST", Target),
                _check.Check(new string('v', 10_000), "POST", Target),
            ],
            answer => Assert.True(answer is { Actor: null, Refusal: not null, IsGuess: true })
        );
        Assert.Null(Check(call).Refusal);
    }

    [Fact]
    public void Check_Accepted_ProvesToTheCallerAloneThatTheKeyIsHere()
    {
        var (call, other) = (Call(), Call());
        var proof = Check(call).Proof;

        Assert.True(Keys.Own.IsProof(call, proof));
        Assert.False(Keys.Own.IsProof(other, proof));
        Assert.False(Keys.Own.IsProof(call, call.Code));
        Assert.False(Keys.Own.IsProof(call, Stranger.Proof(call)));
        Assert.False(Keys.Own.IsProof(call, ""));
        Assert.Equal("", Check(call).Proof);
    }

    [Fact]
    public void Check_ASecondTime_IsRefusedForAsLongAsItsTimeWouldDo()
    {
        var call = Call(offset: SignatureCheck.Tolerance);
        Assert.Null(Check(call).Refusal);

        for (var i = 0; i < 11; i++)
        {
            var again = Check(call);
            Assert.True(again is { Actor: null, Refusal: not null, IsGuess: false });
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:8081/")]
    [InlineData("http://localhost:8080/")]
    [InlineData("https://127.0.0.1:8080/")]
    [InlineData("http://127.0.0.1:8080/traktor/")]
    public void Check_SignedForAnotherArbiter_IsRefusedAndNamesBoth(string to)
    {
        var answer = Check(Call(to: to));

        Assert.True(answer is { Actor: null, IsGuess: false });
        Assert.Equal($"The call is signed for the arbiter at {to}, and the PublicURL of this one is {Own}.", answer.Refusal);
    }

    [Theory]
    [InlineData(-301, "301 s behind")]
    [InlineData(301, "301 s ahead of")]
    [InlineData(-86_400, "86400 s behind")]
    public void Check_ClocksTooFarApart_IsRefusedAndSaysHowFar(int seconds, string offset)
    {
        var answer = Check(Call(offset: TimeSpan.FromSeconds(seconds)));

        Assert.True(answer is { Actor: null, IsGuess: false });
        Assert.Contains(offset, answer.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(300)]
    public void Check_ClocksNearEnough_IsAccepted(int seconds) => Assert.Null(Check(Call(offset: TimeSpan.FromSeconds(seconds))).Refusal);

    [Fact]
    public void Check_AfterARestart_RefusesWhatTheEarlierLifeMayHaveAccepted()
    {
        var call = Call();
        Assert.Null(Check(call).Refusal);
        _time.Advance(TimeSpan.FromSeconds(1));
        var restarted = new SignatureCheck(Keys, new Uri("http://127.0.0.1:8080"), _time);

        Assert.Equal("The call was signed before this arbiter started.", restarted.Check(call.ToString(), "POST", Target).Refusal);
        Assert.Null(restarted.Check(Call().ToString(), "POST", Target).Refusal);
    }

    [Fact]
    public void Check_ClockSetBackBehindTheStart_IsAcceptedOnceTheEarlierLifeIsPast()
    {
        var time = new SteppedTime(_time.GetUtcNow());
        var check = new SignatureCheck(Keys, new Uri("http://127.0.0.1:8080"), time);
        var call = Keys.Own.Sign(CallSignature.Of("{}"u8, Own, Alice, time.Now - TimeSpan.FromHours(2)), "POST", Target).ToString();
        time.Now -= TimeSpan.FromHours(2);

        Assert.NotNull(check.Check(call, "POST", Target).Refusal);
        time.Passed += (2 * SignatureCheck.Tolerance) + TimeSpan.FromSeconds(1);
        Assert.Null(check.Check(call, "POST", Target).Refusal);
    }

    [Fact]
    public void TryAdd_MoreThanAreKept_RefusesNewOnesUntilOldOnesEnd()
    {
        var nonces = new SeenNonces();
        var now = _time.GetUtcNow();
        for (var i = 0; i < SeenNonces.Most; i++)
            Assert.True(nonces.TryAdd($"{i:x}", now + SignatureCheck.Tolerance, now));

        Assert.False(nonces.TryAdd("ffffffff", now + SignatureCheck.Tolerance, now));
        var later = now + SignatureCheck.Tolerance + TimeSpan.FromSeconds(1);
        Assert.True(nonces.TryAdd("ffffffff", later + SignatureCheck.Tolerance, later));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("HTTPS://Node0.Example.NET:443/Traktor", "https://node0.example.net/Traktor/")]
    [InlineData("http://[::1]:8080/", "http://[::1]:8080/")]
    [InlineData("http://bücher.example/", "http://xn--bcher-kva.example/")]
    [InlineData("http://someone:secret@h/a?b#c", "http://h/a/")]
    public void UrlOf_AUrl_HasOneSpelling(string url, string expected) => Assert.Equal(expected, CallSignature.UrlOf(new Uri(url)));

    /// <summary>A clock that somebody sets, and the time that passes all the same.</summary>
    private sealed class SteppedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
