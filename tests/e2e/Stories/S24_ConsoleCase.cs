using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using static Traktor.E2ETests.Browser.CasePage;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A conflict in a real browser, on another node's console: seen, understood, decided in each of the four ways, and
/// verified on every node.
/// </summary>
public sealed class S24_ConsoleCase(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, 18, 18)]
    [InTurn(18, 16, 16)]
    public async Task FourWays_ByHand_EndWithEqualNodes(int first, int second, int third)
    {
        await using var mesh = await CaseMesh.StartAsync("manual", first, second, third);
        await using var page = await browser.OpenAsync(mesh[2].Api.Address);
        await page.SignInAsync("/", ArbiterProcess.ApiKey);

        await OpenAsync(page, mesh, 1);
        await Assertions.Expect(page.Page.GetByText("Two nodes inserted the same key")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Row, new() { Name = "differs name" })).ToContainTextAsync("from 0");
        await Assertions.Expect(page.Page.GetByText("decision needed").First).ToBeVisibleAsync();
        await Way(page, "Keep the row of node 1").CheckAsync();
        await Assertions.Expect(page.Page.GetByText("Nodes 0, 1 and 2 will have")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("Its conflict is decided so that the same version wins.")).ToHaveCountAsync(2);
        await page.Page.GetByLabel("Decided by").FillAsync("Night shift");
        await DecideAsync(page);
        await mesh.AgreeAsync("select name, note from goods where id = 1", "from 1|");
        await Assertions.Expect(page.Page.GetByText("Resolved: the local row was kept, by Night shift")).ToBeVisibleAsync(HealState);

        await OpenAsync(page, mesh, 2);
        await Way(page, "Take the row of node 0").CheckAsync();
        await DecideAsync(page);
        await mesh.AgreeAsync("select name, note from goods where id = 2", "from 0|zero");

        await OpenAsync(page, mesh, 3);
        await Way(page, "Take the newest").CheckAsync();
        await DecideAsync(page);
        await mesh.AgreeAsync("select name from goods where id = 3", "from 1");

        await OpenAsync(page, mesh, 4);
        await MergeAsync(page);
        await mesh.AgreeAsync(
            "select name, quantity, price, is_sold, made::text, sent at time zone 'utc', mood::text, facts, tags::text, note, "
                + "twice from goods where id = 4",
            await mesh[1]
                .TextAsync(
                    "select 'from 0', 11, 9.99, true, '2026-02-03', timestamp '2026-01-11 11:00:00.123456', 'happy', '{\"c\": "
                        + "null}'::jsonb, '{green,\"a b\"}', null, 22"
                )
        );
        await mesh.AgreeAsync("select count(*) from trktr.history where resolved is null", "0");
        page.ExpectCleanAndLocal();
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task ManyCases_SelectedInTheFeed_AreDecidedTogether()
    {
        await using var mesh = await CaseMesh.StartAsync("manual", 18, 18);
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/conflicts?state=pending", ArbiterProcess.ApiKey);
        await CaseMesh.ContestAsync(mesh, 1, 2, 3);
        for (var key = 1; key <= 3; key++)
        {
            await CaseMesh.AwaitAsync(mesh[0], key);
            await CaseMesh.AwaitAsync(mesh[1], key);
            await page.Page.GetByLabel(new Regex($"^Select .*goods id={key}$")).CheckAsync(new() { Timeout = 60_000 });
        }

        await Assertions.Expect(page.Page.GetByText("3 cases selected")).ToBeVisibleAsync(HealState);
        await page.Page.GetByLabel("Take the newest").CheckAsync();
        await page.Page.GetByLabel("Decided by").FillAsync("Night shift");
        await page.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Decide \\d+ conflicts$") }).ClickAsync();
        await mesh.AgreeAsync("select string_agg(name, ' ' order by id) from goods where id <= 3", "from 1 from 1 from 1");
        await Assertions.Expect(page.Page.GetByLabel(new Regex("^Select .*goods id=1$"))).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await mesh.AgreeAsync("select count(*) from trktr.history where resolved is null", "0");
        Assert.Contains(
            "Night shift",
            await mesh[0].TextAsync("select resolved_by from trktr.history where resolved is not null"),
            StringComparison.Ordinal
        );
        page.ExpectCleanAndLocal();
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task RowThatChangedMeanwhile_IsNotDecidedAboutUnseen()
    {
        await using var mesh = await CaseMesh.StartAsync("manual", 18, 18);
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.SignInAsync("/", ArbiterProcess.ApiKey);
        await CaseMesh.ContestAsync(mesh, 1);
        await GoAsync(page, mesh, 1);
        await Way(page, "Take the row of node 0").CheckAsync();
        await mesh[1].ExecuteAsync("update goods set note = 'written meanwhile' where id = 1");
        await Assertions.Expect(page.Page.GetByText("has changed since you opened this page")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Columnheader, new() { Name = "On node 1 now" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Row, new() { Name = "differs note" })).ToContainTextAsync("written meanwhile");
        await Button(page, "Decide").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("since you read it; nothing was done.")).ToBeVisibleAsync(HealState);
        Assert.Null((await CaseMesh.AwaitAsync(mesh[1], 1))["decision"]);

        // The write is behind the conflict in node 1's stream: taking the other row would leave the nodes different,
        // and the page says so.
        await Button(page, "Use the present row").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("reaches the other nodes after this decision")).ToBeVisibleAsync();
        await Way(page, "Keep the row of node 1").CheckAsync();
        await Assertions.Expect(page.Page.GetByText("reaches the other nodes after this decision")).ToHaveCountAsync(0);
        await DecideAsync(page, "All 2 nodes are equal for this key.");
        await mesh.AgreeAsync("select name, note from goods where id = 1", "from 1|written meanwhile");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task WhatLost_IsBroughtBackOnEveryNode()
    {
        await using var mesh = await CaseMesh.StartAsync("last_update_wins", 16, 18, 18);
        await using var page = await browser.OpenAsync(mesh[2].Api.Address);
        await page.SignInAsync("/", ArbiterProcess.ApiKey);
        await CaseMesh.ContestAsync(mesh, 1);
        await mesh.AgreeAsync("select name from goods where id = 1", "from 1");
        var conflict = await CaseMesh.AwaitAsync(mesh[0], 1, "resolved");
        await page.GoAsync($"/conflicts/0/{conflict["id"]}");
        await Assertions.Expect(page.Page.GetByText(Equal)).ToBeVisibleAsync(HealState);
        await Button(page, "Bring back…").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Write the local row of node 0 on node 0?")).ToBeVisibleAsync();
        await Button(page, "Write the row").ClickAsync();
        await mesh.AgreeAsync(
            "select name, quantity, facts, tags::text, note from goods where id = 1",
            await mesh[0].TextAsync("select 'from 0', 10, '{\"a\": 1}'::jsonb, '{red,blue}', 'zero'")
        );
        await Assertions.Expect(page.Page.GetByText("version was restored by APIKey").First).ToBeVisibleAsync(HealState);
        await Assertions.Expect(page.Page.GetByText(Equal)).ToBeVisibleAsync(HealState);
    }

    private static async Task MergeAsync(WatchedPage page)
    {
        ILocator Field(string column) => page.Page.GetByRole(AriaRole.Group, new() { Name = column + " " });
        async Task<ILocator> OwnAsync(string column)
        {
            await Field(column).GetByLabel("Other value").CheckAsync();
            return Field(column).GetByLabel($"Value of {column}");
        }

        await Way(page, "Merge column by column").CheckAsync();
        await Assertions.Expect(Button(page, "Decide")).ToBeDisabledAsync();
        await Field("name").GetByLabel("Node 0").CheckAsync();
        await (await OwnAsync("price")).FillAsync("-9.99");
        await (await OwnAsync("is_sold")).SelectOptionAsync("true");
        await (await OwnAsync("made")).FillAsync("2026-02-03");
        await (await OwnAsync("mood")).SelectOptionAsync("happy");
        var facts = await OwnAsync("facts");
        await facts.FillAsync("{\"c\": ");
        await Assertions.Expect(page.Page.GetByText("This is not valid JSON")).ToBeVisibleAsync();
        await Assertions.Expect(Button(page, "Decide")).ToBeDisabledAsync();
        await facts.FillAsync("{\"c\": null}");
        var tags = await OwnAsync("tags");
        await tags.FillAsync("{green,\"a b\"");

        // What only the server can tell, it tells before anything is sent: first the type, then the table's check.
        await Button(page, "Decide").ClickAsync();
        await Assertions
            .Expect(Field("tags").GetByRole(AriaRole.Alert))
            .ToContainTextAsync("malformed array literal", new() { Timeout = 30_000 });
        await tags.FillAsync("{green,\"a b\"}");
        await Button(page, "Decide").ClickAsync();
        await Assertions
            .Expect(page.Page.GetByText("The row would violate the check constraint goods_price_check"))
            .ToBeVisibleAsync(HealState);
        await Field("price").GetByLabel("Value of price").FillAsync("9.99");
        await OwnAsync("note");
        await Assertions.Expect(Field("note").GetByLabel("note is NULL")).ToBeCheckedAsync();
        await DecideAsync(page);
    }
}
