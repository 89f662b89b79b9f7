using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A newcomer's path in a real browser, signed in, by clicks alone: from two empty servers to a mesh that replicates a
/// table both ways, where each arbiter has an API key of its own. And who may not do that.
/// </summary>
public sealed class S20_ConsoleMesh(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly LocatorAssertionsToBeVisibleOptions HealState = new() { Timeout = 30_000 };

    [Fact]
    public async Task Newcomer_FromEmptyServersToAReplicatingMesh_ByClicksAlone()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18);
        await mesh.GiveOwnApiKeyAsync(mesh[1]);
        await mesh.EverywhereAsync("create table public.goods (id int primary key, name text); create table public.heap (line text)");
        await using var first = await browser.OpenAsync(mesh[0].Api.Address);
        await using var second = await browser.OpenAsync(mesh[1].Api.Address);

        await second.SignInAsync("/", mesh[1].Arbiter.Key);
        await Button(second, "Initialise node 1").ClickAsync();
        await Assertions
            .Expect(second.Page.GetByTestId("headline").Filter(new() { HasText = "No subscriptions yet." }))
            .ToBeVisibleAsync(HealState);
        await first.SignInAsync("/", ArbiterProcess.ApiKey);
        await Button(first, "Initialise node 0").ClickAsync();

        // The string is tried before anything is made of it, and the node that was found is named.
        await first.Page.GetByLabel("Connection string of the node to receive from").FillAsync(mesh.Conninfo(1, 0));
        await Button(first, "Test").ClickAsync();
        await Assertions.Expect(first.Page.GetByText("Found node 1, PostgreSQL 18")).ToBeVisibleAsync(HealState);
        await Button(first, "Receive from node 1").ClickAsync();
        await mesh[0].AwaitStateAsync(1, "streaming");

        // Node 1's arbiter is known by now: the way back is made from here, too.
        await first.Page.GetByRole(AriaRole.Link, new() { Name = "Create the full mesh" }).ClickAsync(new() { Timeout = 30_000 });
        await first.Page.GetByLabel("Connection string of node 0, for node 1").FillAsync(mesh.Conninfo(0, 1));
        await Button(first, "Create 1 subscription").ClickAsync();
        await mesh[1].AwaitStateAsync(0, "streaming");
        await Assertions.Expect(Button(first, "From node 0 to node 1: streaming")).ToBeVisibleAsync(HealState);

        await first.Page.GetByRole(AriaRole.Link, new() { Name = "Replicaset" }).ClickAsync();
        await Button(first, "Add tables").ClickAsync();
        await Assertions.Expect(first.Page.GetByText("public.heap has no primary key")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(first.Page.GetByLabel("public.heap")).ToBeDisabledAsync();
        await first.Page.GetByLabel("public.goods").CheckAsync();
        await Button(first, "Stage 1 table").ClickAsync();
        await Button(first, "Review and commit").ClickAsync();
        await Button(first, "Commit on 2 nodes").ClickAsync();
        await Assertions.Expect(first.Page.GetByText("Node 1: complete")).ToBeVisibleAsync(HealState);
        await Assertions
            .Expect(first.Page.GetByRole(AriaRole.Cell, new() { Name = "committed" }))
            .ToHaveCountAsync(2, new() { Timeout = 30_000 });

        await mesh[0].ExecuteAsync("insert into public.goods values (1, 'from node 0')");
        await mesh[1].ExecuteAsync("insert into public.goods values (2, 'from node 1')");
        await mesh.AgreeAsync("select id, name from public.goods order by id", "1|from node 0\n2|from node 1");
        await first.ExpectWithoutAsync(mesh[0].Server.Password, mesh[1].Server.Password);
        first.ExpectCleanAndLocal();
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Link_PausedResumedAndDropped_ShowsOnThePageWithoutReloading()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh[0].AwaitStateAsync(1, "streaming");
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/", ArbiterProcess.ApiKey);
        // The link into the other node: its arbiter does it, asked by this one.
        var link = page.Page.Locator("[aria-label^='From node 0 to node 1']").First;
        await link.PressAsync("Enter", new() { Timeout = 30_000 });
        await Button(page, "Pause").ClickAsync();
        await mesh[1].AwaitStateAsync(0, "paused");
        await Assertions.Expect(link).ToHaveAttributeAsync("aria-label", "From node 0 to node 1: paused", new() { Timeout = 10_000 });
        await Assertions.Expect(page.Page.GetByText("1 link is paused")).ToBeVisibleAsync(HealState);
        await Button(page, "Resume").ClickAsync();
        await mesh[1].AwaitStateAsync(0, "streaming");
        await Button(page, "Drop…").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("No rows are deleted.")).ToBeVisibleAsync();
        await Button(page, "Drop").ClickAsync();
        await Eventually.TrueAsync("the subscription is gone", async () => await mesh[1].SubscriptionAsync(0) is null, mesh.Diagnose);
        await Assertions.Expect(link).ToHaveAttributeAsync("aria-label", "From node 0 to node 1: missing", new() { Timeout = 10_000 });
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Nobody_SeesAPageWithoutSigningIn_AndAReaderChangesNothing()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        var conninfo = mesh[0].Server.Conninfo(TestMesh.Database);
        await mesh[0].Arbiter.TerminateAsync();
        await mesh[0].Arbiter.ConfigureAsync(conninfo, ("ReadOnlyAPIKey", "OnlyLooking"));
        await mesh[0].Arbiter.StartAsync();
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);

        foreach (var path in new[] { "/", "/subscriptions", "/replicaset", "/node/0", "/no-such-page", "/_blazor" })
        {
            await page.GoAsync(path);
            await Assertions.Expect(page.Page.GetByText(path == "/_blazor" ? "Sign in first." : "Sign in to node 0")).ToBeVisibleAsync();
        }

        await page.SignInAsync("/subscriptions", "OnlyLooking");
        await Assertions.Expect(page.Page.GetByText("Read-only session.")).ToBeVisibleAsync();
        await Button(page, "From node 1 to node 0").ClickAsync(new() { Timeout = 30_000 });
        await Assertions
            .Expect(page.Page.GetByText("To pause or resume it you need the role operator, to change it the role admin."))
            .ToBeVisibleAsync();
        await Assertions.Expect(Button(page, "Pause")).ToHaveCountAsync(0);

        using var reader = new RestApi(mesh[0].Api.Address, "OnlyLooking");
        (await reader.GetAsync("/v1/arbiter/status")).Expect(200);
        (await reader.PostAsync("/v1/arbiter/subscription/1/pause")).ExpectProblem(403, "read-only");
        (await reader.PutAsync("/v1/arbiter/control")).ExpectProblem(403, "read-only");
        await Button(page, "Sign out").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Sign in to node 0")).ToBeVisibleAsync();
        await page.GoAsync("/");
        await Assertions.Expect(page.Page.GetByText("Sign in to node 0")).ToBeVisibleAsync();
    }

    private static ILocator Button(WatchedPage page, string name) => page.Page.GetByRole(AriaRole.Button, new() { Name = name });
}
