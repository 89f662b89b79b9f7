using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// The first page in a real browser: it shows the node, follows what happens, and asks nobody but its arbiter.
/// </summary>
public sealed partial class S15_Console(Pair pair, BrowserFixture browser) : IClassFixture<Pair>, IClassFixture<BrowserFixture>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    [Trait("Tier", "turn")]
    public async Task FirstPage_WhileASubscriptionIsPausedAndResumed_FollowsWithoutReloading()
    {
        await mesh.ReplicateAsync("public.shown", "create table shown (id int primary key)");
        await mesh[0].AwaitStateAsync(1, "streaming");
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/node/0", ArbiterProcess.ApiKey);
        await Assertions.Expect(page.Page).ToHaveTitleAsync(Title());
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Receiving from node 1." })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("public.shown")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "streaming" })).ToBeVisibleAsync();

        // A mark that a reload would wipe away.
        await page.Page.EvaluateAsync("window.stillHere = true");
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Not receiving from node 1." })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "paused" })).ToBeVisibleAsync();
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
        await Assertions
            .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Receiving from node 1." }))
            .ToBeVisibleAsync(new() { Timeout = 20_000 });

        Assert.True(await page.Page.EvaluateAsync<bool>("window.stillHere === true"));
        await page.ExpectWithoutAsync(mesh[0].Server.Password, mesh[1].Server.Password, ArbiterProcess.ApiKey);
        page.ExpectCleanAndLocal();
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task FirstPage_OfAFreshNode_SaysWhatToDoNext()
    {
        await using var fresh = await TestMesh.StartAsync(18);
        await using var page = await browser.OpenAsync(fresh[0].Api.Address);
        await page.SignInAsync("/", ArbiterProcess.ApiKey);
        await Assertions.Expect(page.Page.GetByText("Node 0 is not initialised.")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Initialise node 0" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("headline").Filter(new() { HasText = "No subscriptions yet." })).ToBeVisibleAsync();
        page.ExpectCleanAndLocal();
    }

    [Fact]
    public async Task Docs_InTheBrowser_AreCompleteWithoutInternet()
    {
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.GoAsync("/docs");
        await Assertions.Expect(page.Page.GetByText("/v1/arbiter/subscription/control").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("/v1/arbiter/replicaset/{table}").First).ToBeVisibleAsync();
        page.ExpectCleanAndLocal();
    }

    [GeneratedRegex("Node 0")]
    private static partial Regex Title();
}
