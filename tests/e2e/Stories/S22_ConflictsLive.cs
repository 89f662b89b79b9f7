using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Conflicts;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Conflicts as they happen, in a real browser, on the console of whatever node: without reloading, through cuts and
/// kills, filtered, paused, exported.
/// </summary>
public sealed partial class S22_ConflictsLive(ConflictMesh conflicts, BrowserFixture browser)
    : IClassFixture<ConflictMesh>,
        IClassFixture<BrowserFixture>
{
    private const string ReadOnlyKey = "OnlyLooking";

    private static readonly LocatorAssertionsToBeVisibleOptions HealState = new() { Timeout = 30_000 };

    private TestMesh Mesh => conflicts.Mesh;

    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task SplitBrain_OnOneNode_ShowsOnTheOthersConsoleWithoutReloading(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await using var page = await browser.OpenAsync(mesh[1].Api.Address);
        await page.SignInAsync("/conflicts?node=0", ArbiterProcess.ApiKey);
        await Assertions.Expect(page.Page.GetByText("No conflicts match the filter.")).ToBeVisibleAsync(HealState);
        await page.Page.EvaluateAsync("window.stillHere = true");

        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (7, 'from 1')");
        await mesh[0].ExecuteAsync("insert into item values (7, 'from 0')");
        Split.Heal(mesh, 1);
        // Only what node 0 has met, seen from node 1.
        await Assertions.Expect(Row(page, "public.item id=7")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(Row(page, "public.item id=7")).ToHaveAttributeAsync("href", HrefOnNode0());
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "insert_exists" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("1 in total")).ToBeVisibleAsync(HealState);

        // Both nodes have met it; it is one case.
        await page.Page.GetByLabel("Node", new() { Exact = true }).SelectOptionAsync("");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Cell, new() { Name = "0, 1" })).ToBeVisibleAsync(HealState);
        await Assertions.Expect(Row(page, "public.item id=7")).ToHaveCountAsync(1);
        Assert.True(await page.Page.EvaluateAsync<bool>("window.stillHere === true"));
        await page.ExpectWithoutAsync(mesh[0].Server.Password, mesh[1].Server.Password, ArbiterProcess.ApiKey);
        page.ExpectCleanAndLocal();
    }

    [Fact]
    [Trait("Tier", "all")]
    public async Task Circuit_CutAndJoinedAgain_LosesNoEntry()
    {
        var link = Mesh.Sandbox.Relay(Mesh[0].Arbiter.Port);
        await using var page = await browser.OpenAsync(new Uri($"http://localhost:{link.Port}"));
        await page.SignInAsync("/conflicts", ArbiterProcess.ApiKey);
        await conflicts.WaitingAsync(1, 101);
        await Assertions.Expect(Row(page, "shop.orders id=101")).ToBeVisibleAsync(HealState);
        await page.Page.EvaluateAsync("window.stillHere = true");
        link.Cut();
        await Assertions.Expect(page.Page.GetByText("Connection lost")).ToBeVisibleAsync(HealState);
        for (var key = 102; key < 132; key++)
            await conflicts.WaitingAsync(key % 2, key);
        await Eventually.TrueAsync(
            "the arbiter knows of them",
            async () => (long)(await Mesh[0].StatusAsync())["conflicts_pending"]! >= 15
        );
        link.Heal();
        await Assertions.Expect(page.Page.GetByText("Connection lost")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        for (var key = 101; key < 132; key++)
            await Assertions.Expect(Row(page, $"shop.orders id={key}")).ToHaveCountAsync(1, new() { Timeout = 30_000 });
        Assert.True(await page.Page.EvaluateAsync<bool>("window.stillHere === true"));
    }

    [Fact]
    public async Task PeersArbiter_KilledAndBack_IsSaidAndNothingIsLost()
    {
        await using var page = await browser.OpenAsync(Mesh[0].Api.Address);
        await page.SignInAsync("/conflicts?node=1", ArbiterProcess.ApiKey);
        await conflicts.WaitingAsync(1, 201);
        await Assertions.Expect(Row(page, "shop.orders id=201")).ToBeVisibleAsync(HealState);
        await Mesh[1].Arbiter.KillAsync();
        await Assertions.Expect(page.Page.GetByText("Last updated")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(Row(page, "shop.orders id=201")).ToBeVisibleAsync();
        await conflicts.WaitingAsync(1, 202);
        await Mesh[1].Arbiter.StartAsync();
        await Assertions.Expect(Row(page, "shop.orders id=202")).ToHaveCountAsync(1, new() { Timeout = 30_000 });
        await Assertions.Expect(page.Page.GetByText("Last updated")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Assertions.Expect(Row(page, "shop.orders id=201")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Page_PausedFilteredSelectedAndExported_DoesWhatItSays()
    {
        await conflicts.ForgetAsync();
        await using var page = await browser.OpenAsync(Mesh[0].Api.Address, zone: "America/New_York");
        await page.SignInAsync("/conflicts", ArbiterProcess.ApiKey);
        var first = await conflicts.WaitingAsync(0, 301, local: "=1+1");
        await Assertions.Expect(Row(page, "shop.orders id=301")).ToBeVisibleAsync(HealState);
        // Node 1 is followed too: what it had before counts as no change.
        await conflicts.WaitingAsync(1, 300);
        await Assertions.Expect(Row(page, "shop.orders id=300")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(page.Page.GetByTestId("waiting")).ToHaveTextAsync("2 pending", new() { Timeout = 30_000 });

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        for (var key = 302; key < 305; key++)
            await conflicts.WaitingAsync(key % 2, key);
        await Assertions
            .Expect(page.Page.GetByTestId("meanwhile"))
            .ToHaveTextAsync("‖ Paused; 3 changes since", new() { Timeout = 30_000 });
        await Assertions.Expect(Row(page, "shop.orders id=302")).ToHaveCountAsync(0);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(Row(page, "shop.orders id=304")).ToBeVisibleAsync(HealState);

        // The browser's own zone, UTC in the title.
        var time = await Mesh[0]
            .TextAsync(
                $"select to_char(occurred at time zone 'America/New_York', 'HH24:MI:SS') || '|' || to_char(occurred at time "
                    + $"zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') from trktr.history where id = {first}"
            );
        var shown = page.Page.GetByRole(AriaRole.Row).Filter(new() { Has = Row(page, "shop.orders id=301") }).Locator("traktor-time");
        await Assertions.Expect(shown).ToHaveTextAsync(new Regex(time.Split('|')[0]));
        await Assertions.Expect(shown).ToHaveAttributeAsync("title", new Regex(time.Split('|')[1]));

        // One case of two is selected; deciding it by other means takes it out of the selection.
        await page.Page.GetByLabel("Select shop.orders id=301").CheckAsync();
        await Assertions.Expect(page.Page.GetByText("1 case selected")).ToBeVisibleAsync(HealState);
        await conflicts.ResolveAsync(0, first);
        await Assertions.Expect(page.Page.GetByText("1 case selected")).ToHaveCountAsync(0, new() { Timeout = 30_000 });

        await page.Page.GetByLabel("State").SelectOptionAsync("resolved");
        await Assertions.Expect(page.Page).ToHaveURLAsync(new Regex("state=resolved"));
        await Assertions.Expect(Row(page, "shop.orders id=302")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await page.Page.ReloadAsync();
        await Assertions.Expect(Row(page, "shop.orders id=301")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(Row(page, "shop.orders id=302")).ToHaveCountAsync(0);

        var csv = await DownloadAsync(page, "Export CSV");
        Assert.Equal(2, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"\r\n0,{first},", csv, StringComparison.Ordinal);
        var json = System.Text.Json.Nodes.JsonNode.Parse(await DownloadAsync(page, "Export JSON"))!;
        Assert.Equal(first, (long)Assert.Single(json["conflicts"]!.AsArray())!["id"]!);
        Assert.Empty(json["missing"]!.AsArray());
        await page.Page.GetByLabel("State").SelectOptionAsync("");
        await Assertions.Expect(Row(page, "shop.orders id=304")).ToBeVisibleAsync(HealState);
        Assert.Equal(6, (await DownloadAsync(page, "Export CSV")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        page.ExpectCleanAndLocal();
    }

    [Fact]
    [Trait("Tier", "all")]
    public async Task Reader_SeesTheConflicts_AndCanSelectNone()
    {
        await Mesh[0].Arbiter.TerminateAsync();
        await Mesh[0].Arbiter.ConfigureAsync(Mesh[0].Server.Conninfo(TestMesh.Database), ("ReadOnlyAPIKey", ReadOnlyKey));
        await Mesh[0].Arbiter.StartAsync();
        using (var nobody = new RestApi(Mesh[0].Api.Address, null))
        {
            (await nobody.GetAsync("/conflicts/export")).Expect(401);
            (await nobody.GetAsync("/v1/arbiter/conflicts/export")).ExpectProblem(401);
        }

        await conflicts.WaitingAsync(1, 401);
        await using var page = await browser.OpenAsync(Mesh[0].Api.Address);
        await page.SignInAsync("/conflicts", ReadOnlyKey);
        await Assertions.Expect(Row(page, "shop.orders id=401")).ToBeVisibleAsync(HealState);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);
        Assert.Contains("shop.orders", await DownloadAsync(page, "Export CSV"), StringComparison.Ordinal);
    }

    private static ILocator Row(WatchedPage page, string name) => page.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    private static async Task<string> DownloadAsync(WatchedPage page, string name)
    {
        var download = await page.Page.RunAndWaitForDownloadAsync(() =>
            page.Page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync()
        );
        return await File.ReadAllTextAsync(await download.PathAsync());
    }

    [GeneratedRegex(@"^/conflicts/0/\d+$")]
    private static partial Regex HrefOnNode0();
}
