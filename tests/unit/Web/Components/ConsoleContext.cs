using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;
using Traktor.Web.Security.Sessions;

namespace Traktor.UnitTests.Web.Components;

/// <summary>
/// The console of node 0, whose own server is not there, beside node 1, whose arbiter answers; somebody is signed in.
/// </summary>
public abstract class ConsoleContext : BunitContext
{
    private readonly OtherArbiter other = new();
    private readonly Role role;

    private protected ConsoleContext(Role role = Role.Admin)
    {
        this.role = role;
        JSInterop.Mode = JSRuntimeMode.Loose;
        var arbiter = new Arbiter(
            new ArbiterSettings
            {
                NodeId = 0,
                ConnectionString = "host=127.0.0.1 port=1 dbname=x user=x",
                ArbiterUrl = new Uri("http://127.0.0.1:1/"),
            },
            NullLoggerFactory.Instance
        );
        var clients = new NodeClients(arbiter, new ArbiterCalls(OtherArbiter.KnownBy0(), TimeProvider.System));
        clients.Learn(1, other.Url);
        var sessions = new SignInSessions(TimeProvider.System, arbiter.Accounts);
        var actor = new Actor(ActorKind.User, "alice", role, "192.0.2.1");
        var user = SessionPrincipal.Of(sessions.Find(sessions.Open(actor))!.Value.Id, actor);
        Services.AddSingleton(arbiter);
        Services.AddSingleton(clients);
        Services.AddSingleton(sessions);
        Services.AddSingleton<AuthenticationStateProvider>(new SignedIn(user));
        Services.AddSingleton(new MeshWatch(arbiter, clients, TimeProvider.System));
        Services.AddSingleton(new LongWorks(NullLogger<LongWorks>.Instance));
        Services.AddSingleton<Visitor>();
        Services.AddSingleton<Operator>();
    }

    private protected OtherArbiter Other => other;

    /// <summary>Draws a component as the layout would hold it.</summary>
    private protected IRenderedComponent<T> Draw<T>(Action<ComponentParameterCollectionBuilder<T>> parameters)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        Cascade("MayOperate", role >= Role.Operator);
        Cascade("MayAdminister", role >= Role.Admin);
        return Render(parameters);
    }

    private void Cascade(string name, bool value) =>
        RenderTree.Add<Microsoft.AspNetCore.Components.CascadingValue<bool>>(cascade =>
            cascade.Add(v => v.Name, name).Add(v => v.Value, value)
        );

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            other.Dispose();
        base.Dispose(disposing);
    }

    private sealed class SignedIn(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }
}
