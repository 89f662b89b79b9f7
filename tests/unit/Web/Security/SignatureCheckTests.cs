using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Traktor.Engine.Access;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Security.Signatures;

namespace Traktor.UnitTests.Web.Security;

public sealed class SignatureCheckTests
{
    private const string Own = "http://127.0.0.1:8080/";
    private const string Target = "/v1/arbiter/conflicts/7/resolution?scope=node";

    private const int Node = 0;
    private const int Caller = 1;

    private static readonly NodeKeyPair Key = NodeKeyPair.Make();
    private static readonly NodeKeyPair Stranger = NodeKeyPair.Make();
    private static readonly NodeKeyPair Callee = NodeKeyPair.Make();

    private static readonly Actor Alice = new(ActorKind.User, "alice", Role.Admin, "192.0.2.1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly KeyDirectory _keys;
    private readonly SignatureCheck _check;

    public SignatureCheckTests()
    {
        _keys = new KeyDirectory(Node, _time);
        // Node 4 is a copy of node 1.
        Know((Caller, Key.Public), (2, Stranger.Public), (4, Key.Public));
        _check = new SignatureCheck(_keys, new Uri("http://127.0.0.1:8080"), _time);
        _time.Advance(TimeSpan.FromHours(1));
    }

    private void Know(params (int Node, PublicKey Key)[] nodes) => _keys.Replace(Callee, nodes.ToDictionary());

    private CallSignature Call(
        NodeKeyPair? key = null,
        string to = Own,
        TimeSpan offset = default,
        Actor? actor = null,
        int caller = Caller,
        int callee = Node
    ) => CallSignature.Of((caller, callee), "{}"u8, to, actor ?? Alice, _time.GetUtcNow() + offset).SignedBy(key ?? Key, "POST", Target);

    private Task<SignatureAnswer> CheckAsync(CallSignature call, string method = "POST", string target = Target) =>
        _check.CheckAsync(call.ToString(), method, target, CancellationToken.None);

    private Task<SignatureAnswer> CheckAsync(string header) => _check.CheckAsync(header, "POST", Target, CancellationToken.None);

    [Fact]
    public async Task Check_ACallAsItWasSigned_IsForTheActorThatWasSigned()
    {
        var answer = await CheckAsync(Call());

        Assert.Null(answer.Refusal);
        Assert.Equal((Alice, CallSignature.HashOf("{}"u8)), (answer.Actor, answer.Body));
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    [InlineData(Role.Admin)]
    public async Task Check_AnActor_IsTheOneThatWasSigned(Role role)
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

        foreach (var actor in actors)
            Assert.Equal(actor, (await CheckAsync(Call(actor: actor))).Actor);
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
    public async Task Check_SignedForNobody_IsRefused(string actor)
    {
        var call = CallSignature.Of((Caller, Node), "{}"u8, Own, Alice, _time.GetUtcNow()) with { Actor = actor };

        var answer = await CheckAsync(call.SignedBy(Key, "POST", Target));

        Assert.True(answer is { Actor: null, Refusal: not null });
    }

    [Fact]
    public async Task Check_AnyPartChanged_IsRefusedAsAGuess()
    {
        var call = Call();

        Assert.All(
            [
                await CheckAsync(call, method: "PUT"),
                await CheckAsync(call, target: "/v1/arbiter/conflicts/8/resolution?scope=node"),
                await CheckAsync(call, target: "/v1/arbiter/conflicts/7/resolution?scope=mesh"),
                await CheckAsync(call with { Time = call.Time + 1 }),
                await CheckAsync(call with { Nonce = new string('0', 32) }),
                await CheckAsync(call with { Body = CallSignature.HashOf("{ }"u8) }),
                await CheckAsync(call with { To = "http://127.0.0.1:8081/" }),
                await CheckAsync(call with { Actor = ActorText.Of(Alice with { Name = "bob" }) }),
                await CheckAsync(call with { Actor = ActorText.Of(Alice with { Address = null }) }),
                await CheckAsync(call with { Caller = 2 }),
                await CheckAsync(call with { Caller = 4 }),
                await CheckAsync(call with { Code = new string('0', PublicKey.SignatureLength) }),
                await CheckAsync(call with { Code = ByApiKey("LetMeIn", call) }),
                await CheckAsync(Call(Stranger)),
                await CheckAsync(Call(Callee)),
                await CheckAsync(Call(Callee, caller: Node)),
                await CheckAsync(Call(caller: 3)),
                await CheckAsync(call.ToString().ToUpperInvariant()),
                await CheckAsync(call.ToString().Replace("v1", "v2", StringComparison.Ordinal)),
                await CheckAsync(call + " "),
                await CheckAsync(call + "," + call),
                await CheckAsync(""),
                await CheckAsync(new string('v', 10_000)),
            ],
            answer => Assert.True(answer is { Actor: null, Refusal: not null, IsGuess: true })
        );
        Assert.Null((await CheckAsync(call)).Refusal);
    }

    [Fact]
    public async Task Check_Accepted_ProvesToTheCallerThatTheNodeWasReached()
    {
        var (call, other) = (Call(), Call());
        var proof = (await CheckAsync(call)).Proof;

        Assert.True(call.IsProof(Callee.Public, proof));
        Assert.False(call.IsProof(Stranger.Public, proof));
        Assert.False(other.IsProof(Callee.Public, proof));
        Assert.False(call.IsProof(Callee.Public, call.Code));
        Assert.False(call.IsProof(Key.Public, call.Code));
        Assert.False(call.IsProof(Callee.Public, call.ProofBy(Stranger)));
        Assert.False(call.IsProof(Callee.Public, ""));
        Assert.Equal("", (await CheckAsync(call)).Proof);
    }

    [Fact]
    public async Task Check_OfNodesWithoutAKeyHere_SaysWhatToDo()
    {
        Assert.StartsWith("Node 3 is not known here yet", (await CheckAsync(Call(caller: 3))).Refusal, StringComparison.Ordinal);
        Assert.StartsWith("The call is not signed with the key", (await CheckAsync(Call(Stranger))).Refusal, StringComparison.Ordinal);
        _keys.Clear();
        Assert.StartsWith("Node 0 does not know any other node", (await CheckAsync(Call())).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ForAnotherNode_IsRefusedAndNamesBoth()
    {
        var answer = await CheckAsync(Call(callee: 2));

        Assert.True(answer is { Actor: null, IsGuess: false });
        Assert.Equal("The call is for the arbiter of node 2, and this is that of node 0.", answer.Refusal);
    }

    [Fact]
    public async Task Check_AKeyThatWasReplaced_IsReadAtOnceAndTheOldOneIsRefused()
    {
        var reads = 0;
        _keys.ReadBy(() =>
        {
            reads++;
            Know((Caller, Stranger.Public));
            return Task.CompletedTask;
        });

        Assert.Null((await CheckAsync(Call())).Refusal);
        Assert.Equal(0, reads);
        Assert.Null((await CheckAsync(Call(Stranger))).Refusal);
        Assert.True((await CheckAsync(Call())) is { Actor: null, IsGuess: true });
        Assert.True((await CheckAsync(Call(caller: 3))) is { Actor: null, IsGuess: true });
        Assert.Equal(1, reads);
        _time.Advance(KeyDirectory.RefreshInterval);
        Assert.True((await CheckAsync(Call())) is { Actor: null, IsGuess: true });
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task Check_TheNonceOfOneNode_IsFreeForAnother()
    {
        var call = Call();

        Assert.Null((await CheckAsync(call)).Refusal);
        Assert.Null((await CheckAsync((call with { Caller = 2 }).SignedBy(Stranger, "POST", Target))).Refusal);
    }

    [Fact]
    public async Task Check_ASecondTime_IsRefusedForAsLongAsItsTimeWouldDo()
    {
        var call = Call(offset: SignatureCheck.Tolerance);
        Assert.Null((await CheckAsync(call)).Refusal);

        for (var i = 0; i < 11; i++)
        {
            var again = await CheckAsync(call);
            Assert.True(again is { Actor: null, Refusal: not null, IsGuess: false });
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:8081/")]
    [InlineData("http://localhost:8080/")]
    [InlineData("https://127.0.0.1:8080/")]
    [InlineData("http://127.0.0.1:8080/traktor/")]
    public async Task Check_SignedForAnotherArbiter_IsRefusedAndNamesBoth(string to)
    {
        var answer = await CheckAsync(Call(to: to));

        Assert.True(answer is { Actor: null, IsGuess: false });
        Assert.Equal($"The call is signed for the arbiter at {to}, and the PublicURL of this one is {Own}.", answer.Refusal);
    }

    [Theory]
    [InlineData(-301, "301 s behind")]
    [InlineData(301, "301 s ahead of")]
    [InlineData(-86_400, "86400 s behind")]
    public async Task Check_ClocksTooFarApart_IsRefusedAndSaysHowFar(int seconds, string offset)
    {
        var answer = await CheckAsync(Call(offset: TimeSpan.FromSeconds(seconds)));

        Assert.True(answer is { Actor: null, IsGuess: false });
        Assert.Contains(offset, answer.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(300)]
    public async Task Check_ClocksNearEnough_IsAccepted(int seconds) =>
        Assert.Null((await CheckAsync(Call(offset: TimeSpan.FromSeconds(seconds)))).Refusal);

    [Fact]
    public async Task Check_AfterARestart_RefusesWhatTheEarlierLifeMayHaveAccepted()
    {
        var call = Call();
        Assert.Null((await CheckAsync(call)).Refusal);
        _time.Advance(TimeSpan.FromSeconds(1));
        var restarted = new SignatureCheck(_keys, new Uri("http://127.0.0.1:8080"), _time);

        Assert.Equal(
            "The call was signed before this arbiter started.",
            (await restarted.CheckAsync(call.ToString(), "POST", Target, CancellationToken.None)).Refusal
        );
        Assert.Null((await restarted.CheckAsync(Call().ToString(), "POST", Target, CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task Check_ClockSetBackBehindTheStart_IsAcceptedOnceTheEarlierLifeIsPast()
    {
        var time = new SteppedTime(_time.GetUtcNow());
        var check = new SignatureCheck(_keys, new Uri("http://127.0.0.1:8080"), time);
        var call = Call(offset: -TimeSpan.FromHours(2)).ToString();
        time.Now -= TimeSpan.FromHours(2);

        Assert.NotNull((await check.CheckAsync(call, "POST", Target, CancellationToken.None)).Refusal);
        time.Passed += (2 * SignatureCheck.Tolerance) + TimeSpan.FromSeconds(1);
        Assert.Null((await check.CheckAsync(call, "POST", Target, CancellationToken.None)).Refusal);
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

    // As arbiters signed when the operator's key was theirs, too: padded to the length of a signature.
    private static string ByApiKey(string apiKey, CallSignature call)
    {
        var key = Rfc2898DeriveBytes.Pbkdf2(
            apiKey,
            "Traktor: signatures of calls between arbiters, v1"u8,
            200_000,
            HashAlgorithmName.SHA256,
            HMACSHA256.HashSizeInBytes
        );
        return Convert
            .ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(call.ToString())))
            .PadRight(PublicKey.SignatureLength, '0');
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
