using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Web.Components.Access;
using Traktor.Web.Live.Works;
using Traktor.Web.Security.Signatures;

namespace Traktor.UnitTests.Web.Components;

/// <summary>What a viewer's circuit can call, whatever a page shows.</summary>
public sealed class RoleTests() : ConsoleContext(Role.Viewer)
{
    private Operator Operator => Services.GetRequiredService<Operator>();

    [Fact]
    public async Task Operator_OfAViewer_ChangesNothingOnTheOwnNode()
    {
        var client = await Operator.ClientAsync(0);
        var cases = await Operator.CasesAsync(0);
        var acting = await Operator.ActingAsync();

        Func<Task>[] changes =
        [
            () => client.InitializeAsync(default),
            () => client.ProbeAsync("host=127.0.0.1 port=1 user=x", default),
            () => client.SubscribeAsync(1, "host=127.0.0.1 port=1 user=x", default),
            () => client.UnsubscribeAsync(1, default),
            () => client.PauseAsync(1, default),
            () => client.ResumeAsync(1, default),
            () => client.RenewAsync(1, default),
            () => client.StageAddAsync("public.x", default),
            () => client.StageRemoveAsync("public.x", default),
            () => client.CommitAsync(default),
            () => cases.DecideAsync(1, new HandDecision(Resolution.Newest, null, "alice"), isMesh: true, default),
            () => cases.RestoreAsync(1, RowSide.Local, null, "alice", default),
            () => Operator.SetPolicyAsync("public.x", Policy.Manual, default),
            () => acting.AccountsAsync(AccountKind.User),
            () => acting.SetUserAsync("alice", Role.Admin, "hash", default),
        ];
        foreach (var change in changes)
            Assert.Equal(RefusalKind.Forbidden, (await Assert.ThrowsAsync<RefusedException>(change)).Kind);
    }

    [Fact]
    public async Task Operator_OfAViewer_CallsAnotherNodeAsTheViewer()
    {
        Other.On("GET /v1/arbiter/status", "{}");
        await Record.ExceptionAsync(async () => await (await Operator.ClientAsync(1)).PauseAsync(0, default));

        var actor = ActorText.Parse(CallSignature.Parse(Other.Headers.Last()[CallSignature.Header])!.Actor);

        Assert.Equal(new Actor(ActorKind.User, "alice", Role.Viewer, "192.0.2.1"), actor);
    }

    [Fact]
    public void UserForm_OfAViewer_IsRefusedAndNeverDrawsThePassword()
    {
        var form = Draw<UserForm>(_ => { });
        form.Find("input[type=text]").Input("eve");
        form.Find("input[type=password]").Input("correct horse battery");
        form.Find("form").Submit();

        form.WaitForAssertion(
            () => Assert.Contains("Changing a user needs the role admin", form.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
        Assert.DoesNotContain("correct horse battery", form.Markup, StringComparison.Ordinal);
    }
}
