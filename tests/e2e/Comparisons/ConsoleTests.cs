using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Comparisons;

/// <summary>A comparison in the console, by clicks, from the replicaset to the rows that differ.</summary>
public sealed class ConsoleTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly LocatorAssertionsToBeVisibleOptions Awhile = new() { Timeout = 60_000 };

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Comparison_StartedOnThePage_LeadsToTheRowsThatDiffer()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.EverywhereAsync("create table goods (id int primary key, name text); create table equal (id int primary key)");
        await mesh.ReplicateAllAsync("public.goods", "public.equal");
        await mesh[0].ExecuteAsync("insert into goods values (1, 'as it was'), (2, 'the same'); insert into equal values (1)");
        await mesh.AgreeAsync("select (select count(*) from goods) + (select count(*) from equal)", "3");
        await mesh[1].PlantAsync("update goods set name = 'planted' where id = 1");

        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/replicaset", ArbiterProcess.ApiKey);
        await Assertions.Expect(page.Page.GetByText("never").First).ToBeVisibleAsync(Awhile);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Compare rows" }).ClickAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(page.Page.GetByTestId("task-state")).ToHaveTextAsync("succeeded", new() { Timeout = 60_000 });
        await Assertions.Expect(page.Page.GetByText("public.goods: 1 keys differ; 0 were always being changed.")).ToBeVisibleAsync(Awhile);
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "What was found" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "equal", Exact = true })).ToBeVisibleAsync(Awhile);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "public.goods" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "id = 1" })).ToBeVisibleAsync(Awhile);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "as it was" })).ToBeVisibleAsync(Awhile);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "planted" })).ToBeVisibleAsync(Awhile);
        await Assertions.Expect(page.Page.GetByText("writer unknown, newest")).ToBeVisibleAsync(Awhile);

        // A preview writes nothing.
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("What the repair would do")).ToBeVisibleAsync(Awhile);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "of node 1" })).ToBeVisibleAsync(Awhile);
        Assert.Equal("as it was", await mesh[0].TextAsync("select name from goods where id = 1"));
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "The comparison" }).ClickAsync();
        await page.Page.GetByLabel("Which version wins").SelectOptionAsync("node:0");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Repair", Exact = true }).ClickAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(page.Page.GetByText("0 differences are left.")).ToBeVisibleAsync(Awhile);
        await mesh.AgreeAsync("select name from goods where id = 1", "as it was");

        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Replicaset" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("nodes 0, 1")).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        // The other node's console shows the tasks of this one.
        await using var other = await browser.OpenAsync(mesh[1].Api.Address);
        await other.SignInAsync("/tasks", ArbiterProcess.ApiKey);
        await other.Page.GetByRole(AriaRole.Link, new() { Name = "Comparison of 2 tables" }).ClickAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(other.Page.GetByTestId("task-state")).ToHaveTextAsync("succeeded", new() { Timeout = 60_000 });
        await other.GoAsync("/tasks?state=failed");
        await Assertions.Expect(other.Page.GetByText("No task is in this state.")).ToBeVisibleAsync(Awhile);
        page.ExpectCleanAndLocal();
        other.ExpectCleanAndLocal();
    }
}
