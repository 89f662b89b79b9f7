using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// What happens at night, in a real browser: a policy is changed, an arbiter and a server are gone and come back, and
/// work goes on when its page is left.
/// </summary>
public sealed class S25_ConsoleNights(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly LocatorAssertionsToBeVisibleOptions HealState = new() { Timeout = 60_000 };

    [Fact]
    [Trait("Tier", "all")]
    public async Task ArbiterAndServer_KilledAndBack_AreShownAsWhatTheyAre()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/node/1", ArbiterProcess.ApiKey);
        var health = page.Page.GetByTestId("health");
        await Assertions.Expect(health).ToContainTextAsync("All 2 nodes are healthy", new() { Timeout = 60_000 });
        await page.Page.EvaluateAsync("window.stillHere = true");

        await mesh[1].Arbiter.KillAsync();
        await Assertions.Expect(health).ToContainTextAsync("1 arbiter does not answer", new() { Timeout = 60_000 });
        await Assertions
            .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "The arbiter of node 1 does not answer." }))
            .ToBeVisibleAsync(HealState);
        await Assertions.Expect(page.Page.GetByText("Replication continues without it.")).ToBeVisibleAsync();
        await mesh[1].Arbiter.StartAsync();
        await Assertions.Expect(health).ToContainTextAsync("All 2 nodes are healthy", new() { Timeout = 60_000 });

        await mesh[1].Server.KillAsync();
        await Assertions.Expect(health).ToContainTextAsync("1 server does not answer", new() { Timeout = 60_000 });
        await Assertions
            .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "PostgreSQL does not answer." }))
            .ToBeVisibleAsync(HealState);
        await mesh[1].Server.StartAsync();
        await Assertions.Expect(health).ToContainTextAsync("All 2 nodes are healthy", new() { Timeout = 60_000 });

        await mesh[0].Server.KillAsync();
        await Assertions.Expect(health).ToContainTextAsync("1 server does not answer", new() { Timeout = 60_000 });
        await mesh[0].Server.StartAsync();
        await Assertions.Expect(health).ToContainTextAsync("All 2 nodes are healthy", new() { Timeout = 60_000 });
        Assert.True(await page.Page.EvaluateAsync<bool>("window.stillHere === true"));
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Policy_ChangedOnThePage_IsSetOnEveryNode()
    {
        await using var mesh = await CaseMesh.StartAsync("last_update_wins", 18, 18);
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/replicaset", ArbiterProcess.ApiKey);
        await Button(page, CaseMesh.Table).ClickAsync(new() { Timeout = 60_000 });
        await page.Page.GetByLabel("Conflict policy").SelectOptionAsync("manual");
        await Assertions.Expect(page.Page.GetByText("Replication from the peer waits until an operator decides.")).ToBeVisibleAsync();
        await Button(page, "Set on all nodes").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("2 of 2 done")).ToBeVisibleAsync(HealState);
        await mesh.AgreeAsync("select policy from trktr.replicaset", "manual");

        // And it counts: the next conflict waits, and the page of it says by which policy.
        await CaseMesh.ContestAsync(mesh, 1);
        var conflict = await CaseMesh.AwaitAsync(mesh[1], 1);
        await page.GoAsync($"/conflicts/1/{conflict["id"]}");
        await Assertions
            .Expect(page.Page.GetByText("Replication from the peer waits until an operator decides."))
            .ToBeVisibleAsync(HealState);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task FullMeshAndCommit_LeftAlone_GoOnAndAreShownAgain()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18);
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.SubscribeAsync(0, 1);
        await mesh.EverywhereAsync("create table public.goods (id int primary key)");
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/subscriptions", ArbiterProcess.ApiKey);
        await page.Page.GetByText("Create the full mesh").ClickAsync(new() { Timeout = 60_000 });
        await page.Page.GetByLabel("Connection string of node 0, for node 1").FillAsync(mesh.Conninfo(0, 1));

        // Nothing passes: the work cannot be done before the page is left.
        mesh.Link(0, 1).Cut(CutMode.Blackhole);
        await Button(page, "Create 1 subscription").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("0 of 1 done")).ToBeVisibleAsync(HealState);
        await page.GoAsync("/replicaset");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Replicaset" })).ToBeVisibleAsync(HealState);
        mesh.Link(0, 1).Heal();
        await page.GoAsync("/subscriptions");
        await Assertions.Expect(page.Page.GetByText("1 of 1 done")).ToBeVisibleAsync(HealState);
        if (await mesh[1].SubscriptionAsync(0) is null)
            await mesh.SubscribeAsync(1, 0);
        await Button(page, "Dismiss").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("1 of 1 done")).ToHaveCountAsync(0);

        // A commit waits for its peers. Its page is closed, and another window shows how it went.
        await mesh[1].AwaitStateAsync(0, "streaming");
        await mesh[0].StageAsync("public.goods");
        await page.GoAsync("/replicaset");
        await Button(page, "Review and commit").ClickAsync(new() { Timeout = 60_000 });
        await Button(page, "Commit on 2 nodes").ClickAsync();
        await page.Page.CloseAsync();
        await using var again = await browser.OpenAsync(mesh[0].Api.Address);
        await again.SignInAsync("/replicaset", ArbiterProcess.ApiKey);
        await Assertions.Expect(again.Page.GetByText("2 of 2 done")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(again.Page.GetByText("Node 0: complete: 1 opened")).ToBeVisibleAsync();
    }

    private static ILocator Button(WatchedPage page, string name) => page.Page.GetByRole(AriaRole.Button, new() { Name = name });
}
