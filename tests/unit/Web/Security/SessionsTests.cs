using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;

namespace Traktor.UnitTests.Web.Security;

public sealed class SessionsTests
{
    private static readonly Actor Viewer = Actor.OfConfiguredKey(isReadOnly: true, "192.0.2.1");
    private static readonly Actor Admin = Actor.OfOneTimeLink("192.0.2.1");

    private readonly FakeTimeProvider _time = new();
    private readonly AccountDirectory _accounts = new();

    [Fact]
    public void Redeem_ALink_WorksOnce()
    {
        var links = new OneTimeLinks(_time);
        var link = links.Create();

        Assert.True(links.Redeem(link));
        Assert.False(links.Redeem(link));
    }

    [Fact]
    public void Redeem_AtOnceFromManyThreads_WorksOnce()
    {
        var links = new OneTimeLinks(_time);
        var link = links.Create();

        Assert.Single(ParallelEnumerable.Range(0, 100).Select(_ => links.Redeem(link)).ToList(), true);
    }

    [Fact]
    public void Redeem_TooLate_IsRefusedAndStaysRefused()
    {
        var links = new OneTimeLinks(_time);
        var link = links.Create();
        _time.Advance(OneTimeLinks.Lifetime + TimeSpan.FromSeconds(1));

        Assert.False(links.Redeem(link));
        Assert.False(links.Redeem(link));
    }

    [Theory]
    [InlineData("")]
    [InlineData("something else")]
    public void Redeem_NoLink_IsRefused(string link) => Assert.False(new OneTimeLinks(_time).Redeem(link));

    [Fact]
    public void Find_ASession_KnowsItsActorUntilItIsClosed()
    {
        var sessions = new SignInSessions(_time, _accounts);
        var (reader, administrator) = (sessions.Open(Viewer), sessions.Open(Admin));

        Assert.Equal(Viewer, sessions.Find(reader)?.Actor);
        Assert.Equal(Admin, sessions.Find(administrator)?.Actor);
        sessions.Close(sessions.Find(reader)!.Value.Id);
        Assert.Null(sessions.Find(reader));
        Assert.NotNull(sessions.Find(administrator));
    }

    [Fact]
    public void Find_ASessionThatIsUsed_LastsAndAnIdleOneEnds()
    {
        var sessions = new SignInSessions(_time, _accounts);
        var secret = sessions.Open(Viewer);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(SignInSessions.Lifetime - TimeSpan.FromMinutes(1));
            Assert.NotNull(sessions.Find(secret));
        }

        _time.Advance(SignInSessions.Lifetime + TimeSpan.FromMinutes(1));
        Assert.Null(sessions.Find(secret));
    }

    [Fact]
    public void Find_ALimitedSession_EndsAlsoWhenItIsUsed()
    {
        var sessions = new SignInSessions(_time, _accounts);
        var secret = sessions.Open(Viewer, isLimited: true);
        _time.Advance(SignInSessions.Lifetime / 2);
        Assert.NotNull(sessions.Find(secret));

        _time.Advance(SignInSessions.Lifetime / 2);
        Assert.Null(sessions.Find(secret));
    }

    [Fact]
    public void Find_AnythingElse_IsNobody()
    {
        var sessions = new SignInSessions(_time, _accounts);
        var secret = sessions.Open(Admin);
        var id = sessions.Find(secret)!.Value.Id;

        Assert.Null(sessions.Find(null));
        Assert.Null(sessions.Find(""));
        Assert.Null(sessions.Find(secret[..^1]));
        // What is kept here does not open anything.
        Assert.Null(sessions.Find(id));
    }

    [Theory]
    [InlineData("/subscriptions?full=true", "/subscriptions?full=true")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("subscriptions", "/")]
    [InlineData("//elsewhere.example", "/")]
    [InlineData("/\\elsewhere.example", "/")]
    [InlineData("/\t/elsewhere.example", "/")]
    [InlineData("https://elsewhere.example", "/")]
    [InlineData("/sign-in?return=/", "/")]
    [InlineData("/é", "/%C3%A9")]
    [InlineData("/a?b=🐘&c=%20", "/a?b=%F0%9F%90%98&c=%20")]
    public void Safe_APath_StaysHere(string? wanted, string expected) => Assert.Equal(expected, ReturnPath.Safe(wanted));

    [Fact]
    public void SignIn_WhereOneWantedToGo_ComesBack() =>
        Assert.Equal("/sign-in?return=%2Fsubscriptions%3Ffrom%3D1", ReturnPath.SignIn("/subscriptions", new QueryString("?from=1")));

    [Fact]
    public void Check_TheReadOnlyKey_IsReadOnly()
    {
        var keys = new ApiKey("everything", "looking");

        Assert.Equal(ApiKeyAnswer.Right, keys.Check("everything"));
        Assert.Equal(ApiKeyAnswer.ReadOnly, keys.Check("looking"));
        Assert.Equal(ApiKeyAnswer.Wrong, new ApiKey("everything").Check("looking"));
    }
}
