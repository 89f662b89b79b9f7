using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Web.Components.SignIn;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;
using SignInResult = Traktor.Web.Components.SignIn.SignInResult;

namespace Traktor.UnitTests.Web.Security;

/// <summary>Signing in with accounts, and what ends a session.</summary>
public sealed class AccountsTests
{
    private const string Password = "correct horse battery";

    // Hashing takes a while, and changes nothing between cases.
    private static readonly string Hash = Passwords.Hash("alice", Password);
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero);
    private static readonly Account Alice = new(AccountKind.User, "alice", Role.Operator, Hash, null, Start, "bob");

    private readonly FakeTimeProvider _time = new(Start);
    private readonly AccountDirectory _accounts = new();
    private readonly CallerKeys _keys;
    private readonly SignInCheck _check;
    private readonly CountingHasher _hasher = new();

    public AccountsTests()
    {
        _accounts.Replace([Alice]);
        _keys = new CallerKeys(new ApiKey("everything"), _accounts, _time);
        _check = new SignInCheck(_keys, _accounts, new KeyAttempts(_time), new PasswordCheck(_hasher), new OneTimeLinks(_time), _time);
    }

    private SignInResult SignIn(string name, string password, string address = "192.0.2.1") =>
        _check.Check(
            new FormCollection(new Dictionary<string, StringValues> { ["name"] = name, ["password"] = password }),
            IPAddress.Parse(address)
        );

    [Fact]
    public void Check_NameAndPassword_IsTheUser()
    {
        var result = SignIn("alice", Password);

        Assert.Equal(new Actor(ActorKind.User, "alice", Role.Operator, "192.0.2.1"), result.Actor);
        Assert.Equal(Alice, result.Account);
    }

    [Fact]
    public void Check_UnknownNameAndWrongPassword_GetTheSameAnswer()
    {
        var (unknown, wrong, other) = (SignIn("bob", Password), SignIn("alice", "something else"), SignIn("Alice", Password));

        Assert.Null(unknown.Actor);
        // The audit log is told whose password it was to be.
        Assert.Equal(("alice", null), (wrong.Account?.Name, unknown.Account));
        Assert.Equal(unknown, wrong with { Account = null });
        Assert.Equal(unknown, other);
    }

    /// <summary>
    /// What takes long is done once for each, whoever is named: no clock can tell a name that exists.
    /// </summary>
    [Theory]
    [InlineData("alice", Password)]
    [InlineData("alice", "something else")]
    [InlineData("bob", Password)]
    [InlineData("removed", Password)]
    [InlineData("", Password)]
    public void Check_AnyName_VerifiesOneHashOfTheSameCost(string name, string password)
    {
        // A name too long for a user, for the empty one.
        SignIn(name.Length > 0 ? name : new string('a', AccountWords.LongestName + 1), password);

        var hash = Assert.Single(_hasher.Verified);
        Assert.Equal(Cost(Hash), Cost(hash));
    }

    [Fact]
    public void Check_APasswordLongerThanAny_VerifiesNoHashForAnybody()
    {
        Assert.Null(SignIn("alice", new string('a', Passwords.Longest + 1)).Actor);
        Assert.Null(SignIn("bob", new string('a', Passwords.Longest + 1)).Actor);

        Assert.Empty(_hasher.Verified);
    }

    [Fact]
    public void Check_ManyAttemptsFromOneAddress_HaveToWait()
    {
        for (var i = 0; i < KeyAttempts.Free; i++)
            Assert.Equal(TimeSpan.Zero, SignIn("alice", "wrong").Wait);

        Assert.True(SignIn("alice", Password).Wait > TimeSpan.Zero);
        Assert.NotNull(SignIn("alice", Password, "192.0.2.2").Actor);
    }

    [Fact]
    public void Check_ManyAttemptsAtOneAccount_HaveToWaitFromEverywhere()
    {
        for (var i = 0; i < KeyAttempts.FreeAtAccount; i++)
            Assert.Equal(TimeSpan.Zero, SignIn("alice", "wrong", $"192.0.2.{i}").Wait);

        var late = SignIn("alice", Password, "192.0.2.200");
        Assert.Null(late.Actor);
        Assert.Contains("at this account", late.Error, StringComparison.Ordinal);
        // Nor does it tell whether the name exists.
        for (var i = 0; i < KeyAttempts.FreeAtAccount; i++)
            SignIn("nobody", "wrong", $"198.51.100.{i}");
        Assert.Equal(late.Error, SignIn("nobody", "wrong", "198.51.100.200").Error);
        _time.Advance(KeyAttempts.LongestWait);
        Assert.NotNull(SignIn("alice", Password, "192.0.2.200").Actor);
    }

    public static TheoryData<string> Changes => ["password", "role", "removed", "expired"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Use_AfterTheAccountWasChanged_HasEnded(string change)
    {
        var sessions = new SignInSessions(_time, _accounts);
        var actor = SignIn("alice", Password).Actor!;
        var secret = sessions.Open(actor, Alice);
        // Announced again to a new peer: nothing has changed.
        _accounts.Replace([Alice with { }]);
        Assert.Equal(actor, sessions.Find(secret)?.Actor);

        var later = Start.AddMicroseconds(1);
        _accounts.Replace(
            change switch
            {
                "password" => [Alice with { SecretHash = "other", ChangedAt = later }],
                "role" => [Alice with { Role = Role.Viewer, ChangedAt = later }],
                "expired" => [Alice with { Expires = Start }],
                _ => [],
            }
        );

        Assert.Null(sessions.Find(secret));
        _accounts.Replace([Alice]);
        Assert.Null(sessions.Find(secret));
    }

    [Fact]
    public void Use_AfterTheOwnChangeOfThePassword_GoesOnUntilTheNextChange()
    {
        var sessions = new SignInSessions(_time, _accounts);
        var actor = SignIn("alice", Password).Actor!;
        var (here, elsewhere) = (sessions.Open(actor, Alice), sessions.Open(actor, Alice));
        var changed = Alice with { SecretHash = "new", ChangedAt = Start.AddSeconds(1) };

        sessions.KeepThrough(sessions.Find(here)!.Value.Id, "new");
        Assert.NotNull(sessions.Find(here));
        _accounts.Replace([changed]);
        Assert.Equal(actor, sessions.Find(here)?.Actor);
        Assert.Null(sessions.Find(elsewhere));

        // The same password with another role, later: what was allowed then is used up.
        _accounts.Replace([changed with { Role = Role.Viewer, ChangedAt = Start.AddSeconds(2) }]);
        Assert.Null(sessions.Find(here));
    }

    [Fact]
    public void Use_WhenTheRoleChangedBesideTheOwnPassword_HasEnded()
    {
        var sessions = new SignInSessions(_time, _accounts);
        var here = sessions.Open(SignIn("alice", Password).Actor!, Alice);
        sessions.KeepThrough(sessions.Find(here)!.Value.Id, "new");

        _accounts.Replace([Alice with { SecretHash = "new", Role = Role.Viewer, ChangedAt = Start.AddSeconds(1) }]);

        Assert.Null(sessions.Find(here));
    }

    [Fact]
    public void Find_AKeyOfTheMesh_HasItsRoleUntilItExpires()
    {
        var secret = CallerKeys.Create();
        var key = new Account(AccountKind.Key, "backup", Role.Viewer, CallerKeys.HashOf(secret), Start.AddHours(1), Start, "bob");
        _accounts.Replace([Alice, key]);

        Assert.Equal(new Actor(ActorKind.ApiKey, "backup", Role.Viewer, "192.0.2.1"), _keys.Find(secret, "192.0.2.1").Actor);
        Assert.Null(_keys.Find(secret + "0", null).Actor);
        // Neither a hash nor a user's opens anything.
        Assert.Null(_keys.Find(key.SecretHash, null).Actor);
        Assert.Null(_keys.Find(Hash, null).Actor);
        Assert.Null(_keys.Find(new StringValues([secret, secret]), null).Actor);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(CallerKey.Wrong, _keys.Find(secret, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("elevenchars")]
    public void Hash_ATooShortPassword_IsRefused(string password) =>
        Assert.Equal(RefusalKind.Malformed, Assert.Throws<RefusedException>(() => Passwords.Hash("alice", password)).Kind);

    [Fact]
    public void Text_OfWhatHasASecret_DoesNotShowIt() =>
        Assert.All(
            new object[]
            {
                Alice,
                new Traktor.Web.Contracts.Access.UserRequest(Role.Viewer, Hash),
                new Traktor.Web.Contracts.Access.PasswordRequest(Hash, Hash),
                new Traktor.Web.Contracts.Access.NewKeyAnswer("backup", Role.Viewer, null, Hash),
            },
            value => Assert.DoesNotContain(Hash, value.ToString(), StringComparison.Ordinal)
        );

    // Version, kind, iterations and length of the salt: the head of ASP.NET's format.
    private static string Cost(string hash) => Convert.ToHexString(Convert.FromBase64String(hash)[..13]);

    private sealed class CountingHasher : IPasswordHasher<string>
    {
        public List<string> Verified { get; } = [];

        public string HashPassword(string user, string password) => Passwords.Hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(string user, string hashedPassword, string providedPassword)
        {
            Verified.Add(hashedPassword);
            return Passwords.Hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
