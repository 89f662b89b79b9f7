using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Every page, dark and light, on a desk and on a phone: axe finds nothing serious, and nothing is wider than the
/// screen.
/// </summary>
public sealed class S21_ConsoleForEverybody(Pair pair, BrowserFixture browser) : IClassFixture<Pair>, IClassFixture<BrowserFixture>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(ColorScheme.Light, false)]
    [InTurn(ColorScheme.Dark, false)]
    [InTurn(ColorScheme.Light, true)]
    [InTurn(ColorScheme.Dark, true)]
    public async Task EveryPage_ForAxe_HasNothingSerious(ColorScheme colours, bool isPhone)
    {
        await using var page = await browser.OpenAsync(mesh[0].Api.Address, colours, isPhone);
        await page.GoAsync("/sign-in");
        List<string> wrong = [.. await Accessibility.LookAsync(page, "/sign-in")];
        await page.SignInAsync("/", ArbiterProcess.ApiKey);
        foreach (
            var path in new[]
            {
                "/",
                "/subscriptions",
                "/subscriptions?view=list",
                "/replicaset",
                "/conflicts",
                "/conflicts?state=pending&last=1h",
                "/node/0",
                "/node/1",
                "/no-such-page",
            }
        )
        {
            await page.GoAsync(path);
            await Assertions
                .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
                .ToBeVisibleAsync(new() { Timeout = 20_000 });
            if (path == "/subscriptions")
                await page.Page.GetByRole(AriaRole.Button, new() { Name = "From node 1 to node 0" }).ClickAsync();
            if (path == "/replicaset")
                await page.Page.GetByRole(AriaRole.Button, new() { Name = "Add tables" }).ClickAsync();
            wrong.AddRange(await Accessibility.LookAsync(page, path));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
