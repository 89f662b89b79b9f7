using System.Net;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>Who came, who went and who was turned away is in the audit log, without what was typed.</summary>
public sealed class AuditedSignInTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task SignIns_AndCallsThatAreTurnedAway_AreRecordedWithoutSecrets()
    {
        await using var mesh = await TestMesh.StartAsync(18);
        var node = mesh[0];
        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        (await node.Api.PutAsync("/v1/arbiter/users/olga", new { role = "operator", password = Password })).Expect(201);
        var key = (string)(await node.Api.PostAsync("/v1/arbiter/keys/wall", new { role = "viewer" })).Expect(201).Json["key"]!;

        using (var visitor = new ConsoleSession(node.Api.Address))
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SignInAsync("olga", "wrong horse battery", null)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SignInAsync("olga", "wrong horse again", null)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SignInAsync(Password, "olga", null)).StatusCode);
            Assert.Equal(HttpStatusCode.Found, (await visitor.SignInAsync("olga", Password, null)).StatusCode);
            Assert.True(await visitor.IsSignedInAsync());
            Assert.Equal("/sign-in", (await visitor.SignOutAsync()).Headers.Location?.ToString());
        }

        using (var viewer = new RestApi(node.Api.Address, key))
        {
            (await viewer.PostAsync("/v1/arbiter/subscription/1/pause")).ExpectProblem(403, "GET only");
            (await viewer.PutAsync("/v1/arbiter/control")).ExpectProblem(403, "GET only");
        }

        const string Entries = """
            select string_agg(
                concat_ws(' ', action, target, outcome, actor_kind, nullif(actor, ''), nullif(role, ''), channel),
                ', ' order by text)
            from (
                select *, concat_ws(' ', action, actor_kind, outcome) as text
                from trktr.audit
                where action in ('sign_in', 'sign_out', 'call')) a
            """;
        await node.AwaitTextAsync(
            Entries,
            "call POST /v1/arbiter/subscription/1/pause denied api_key wall viewer rest, sign_in denied unknown console, "
                + "sign_in denied user olga operator console, sign_in done user olga operator console, "
                + "sign_out done user olga operator console"
        );
        Assert.Equal(
            "127.0.0.1",
            await node.TextAsync(
                "select string_agg(distinct address, ' ') from trktr.audit where action in ('sign_in', 'sign_out', 'call') and node_id = 0"
            )
        );
        var text = await node.TextAsync("select string_agg(a::text, E'\\n') from trktr.audit a");
        Assert.DoesNotContain("horse", text, StringComparison.Ordinal);
        Assert.True((bool)(await node.Api.GetAsync("/v1/arbiter/audit/verification")).Expect(200).Json["is_intact"]!);
    }
}
