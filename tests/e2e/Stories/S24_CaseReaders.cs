using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;
using static Traktor.E2ETests.Browser.CasePage;

namespace Traktor.E2ETests.Stories;

/// <summary>A conflict's page for those who only read it, and for those who read it otherwise.</summary>
public sealed class S24_CaseReaders(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    [Fact]
    [Trait("Tier", "all")]
    public async Task Reader_SeesAllAndChangesNothing()
    {
        await using var mesh = await CaseMesh.StartAsync("manual", 18, 18);
        await mesh[0].Arbiter.TerminateAsync();
        await mesh[0].Arbiter.ConfigureAsync(mesh[0].Server.Conninfo(TestMesh.Database), ("ReadOnlyAPIKey", "OnlyLooking"));
        await mesh[0].Arbiter.StartAsync();
        await CaseMesh.ContestAsync(mesh, 1);
        var id = (await CaseMesh.AwaitAsync(mesh[1], 1))["id"];
        await using var page = await browser.OpenAsync(mesh[0].Api.Address);
        await page.GoAsync($"/conflicts/1/{id}");
        await Assertions.Expect(page.Page.GetByText("Sign in to node 0")).ToBeVisibleAsync();
        await page.SignInAsync($"/conflicts/1/{id}", "OnlyLooking");
        await Assertions
            .Expect(page.Page.GetByRole(AriaRole.Row, new() { Name = "differs name" }))
            .ToContainTextAsync("from 1", new() { Timeout = 60_000 });
        await Assertions.Expect(page.Page.GetByText("To decide this conflict you need the role operator.")).ToBeVisibleAsync();
        await Assertions.Expect(Button(page, "Decide")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Radio)).ToHaveCountAsync(0);

        using var reader = new RestApi(mesh[0].Api.Address, "OnlyLooking");
        var own = (await CaseMesh.AwaitAsync(mesh[0], 1))["id"];
        (await reader.GetAsync($"/v1/arbiter/conflicts/{own}/rows")).Expect(200);
        (await reader.GetAsync($"/v1/arbiter/row/public.goods?key={Uri.EscapeDataString("{\"id\": 1}")}")).Expect(200);
        (await reader.PostAsync($"/v1/arbiter/conflicts/{own}/resolution", new { resolution = "newest" })).ExpectProblem(403, "read-only");
        (await reader.PostAsync($"/v1/arbiter/conflicts/{own}/restoration", new { version = "local" })).ExpectProblem(403, "read-only");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    [Trait("Tier", "all")]
    public async Task CasePage_ForAxe_HasNothingSerious(ColorScheme colours)
    {
        await using var mesh = await CaseMesh.StartAsync("manual", 18, 18);
        await CaseMesh.ContestAsync(mesh, 1);
        List<string> wrong = [];
        foreach (var isPhone in new[] { false, true })
        {
            await using var page = await browser.OpenAsync(mesh[0].Api.Address, colours, isPhone);
            await page.SignInAsync("/", ArbiterProcess.ApiKey);
            await GoAsync(page, mesh, 1);
            await page.Page.Locator("summary").Last.ClickAsync();
            wrong.AddRange(await Accessibility.LookAsync(page, $"the case{(isPhone ? " on a phone" : "")}"));
            await Way(page, "Merge column by column").CheckAsync();
            await page.Page.GetByLabel("Other value").First.CheckAsync();
            wrong.AddRange(await Accessibility.LookAsync(page, $"its merge{(isPhone ? " on a phone" : "")}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
