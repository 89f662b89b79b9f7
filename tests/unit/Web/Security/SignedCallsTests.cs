using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Api.Requests;
using Traktor.Web.Security.Gates;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Signatures;

namespace Traktor.UnitTests.Web.Security;

/// <summary>A signed call on its way through the gates to the one that would act on it.</summary>
public sealed class SignedCallsTests : IDisposable
{
    private const string Target = "/v1/arbiter/priority";

    private const int Caller = 1;

    private static readonly NodeKeyPair Key = NodeKeyPair.Make();

    private static readonly Actor Alice = new(ActorKind.User, "alice", Role.Operator, "192.0.2.1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly LargeBodies _large;
    private readonly ApiKeyGate _gate;
    private readonly List<string> _done = [];
    private readonly List<Actor?> _actors = [];
    private Actor _actor = Alice;

    public SignedCallsTests()
    {
        _large = new LargeBodies(_time);
        var keys = new KeyDirectory(0, _time);
        keys.Replace(NodeKeyPair.Make(), new Dictionary<int, PublicKey> { [1] = Key.Public });
        var bodies = new SignedBodies(
            async context =>
            {
                _actors.Add(context.Features.Get<Actor>());
                _done.Add(System.Text.Encoding.UTF8.GetString((await BodyReading.TextAsync(context)).Span));
            },
            _large
        );
        _gate = new ApiKeyGate(
            bodies.InvokeAsync,
            new CallerKeys(new ApiKey("everything", "looking"), new AccountDirectory(), _time),
            new WrongKeys(_time),
            new SignatureCheck(keys, new Uri("http://127.0.0.1:8080"), _time),
            (_, _, _) => Task.CompletedTask
        );
    }

    public void Dispose() => _large.Dispose();

    [Theory]
    [InlineData("PUT", "{}")]
    [InlineData("GET", "")]
    [InlineData("PATCH", "")]
    public async Task Call_AsItWasSigned_IsDone(string method, string body)
    {
        Assert.Equal(200, await CallAsync(Key, method, body, body));
        Assert.Equal([body], _done);
        Assert.Equal([Alice with { Channel = Channel.Arbiter, ViaNode = Caller }], _actors);
    }

    [Theory]
    [InlineData("{}", "{ }")]
    [InlineData("{}", "")]
    [InlineData("", "{}")]
    public async Task Call_WithAnotherBody_IsNotDone(string bodyToSign, string sent)
    {
        Assert.Equal(403, await CallAsync(Key, "PUT", bodyToSign, sent));
        Assert.Empty(_done);
    }

    [Fact]
    public async Task Call_ForAViewer_OnlyReads()
    {
        _actor = Alice with { Role = Role.Viewer };
        Assert.Equal(403, await CallAsync(Key, "PUT", "{}", "{}"));
        Assert.Empty(_done);
        Assert.Equal(200, await CallAsync(Key, "GET", "", ""));
        Assert.Equal([_actor with { Channel = Channel.Arbiter, ViaNode = Caller }], _actors);
    }

    [Fact]
    public async Task Call_SignedWithOtherKeys_IsCountedLikeWrongKeys()
    {
        var stranger = NodeKeyPair.Make();
        for (var i = 0; i < KeyAttempts.Free; i++)
            Assert.Equal(403, await CallAsync(stranger, "PUT", "{}", "{}"));
        var oneMore = CallAsync(stranger, "PUT", "{}", "{}");

        Assert.False(oneMore.IsCompleted);
        // Nobody else has to wait for it.
        Assert.Equal(200, await CallAsync(Key, "PUT", "{}", "{}"));
        _time.Advance(WrongKeys.Delay);
        Assert.Equal(429, await oneMore);
        Assert.Single(_done);
    }

    private async Task<int> CallAsync(NodeKeyPair key, string method, string bodyToSign, string sent)
    {
        var context = new DefaultHttpContext
        {
            Request =
            {
                Method = method,
                Path = Target,
                Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(sent)),
            },
            Connection = { RemoteIpAddress = IPAddress.Loopback },
        };
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = Target;
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new Detection(sent.Length > 0));
        var call = CallSignature.Of(
            (Caller, 0),
            System.Text.Encoding.UTF8.GetBytes(bodyToSign),
            "http://127.0.0.1:8080/",
            _actor,
            _time.GetUtcNow()
        );
        context.Request.Headers[CallSignature.Header] = call.SignedBy(key, method, Target).ToString();
        await _gate.InvokeAsync(context);
        return context.Response.StatusCode;
    }

    private sealed record Detection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}
