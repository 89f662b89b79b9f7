using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Traktor.Bench.Status;
using Traktor.E2ETests.Browser;

namespace Traktor.Bench.Feed;

/// <summary>A real Chromium with pages of conflicts.</summary>
internal sealed class FeedPage : IAsyncDisposable
{
    private const string Watch = """
        window.traktorSeen = {};
        new MutationObserver(() => {
          for (const row of document.querySelectorAll('.traktor-cases tbody a'))
            window.traktorSeen[row.getAttribute('href')] ??= Date.now();
        }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        """;

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;
    private readonly IBrowserContext context;
    private readonly Uri arbiter;
    private readonly IPage page;

    private FeedPage(IPlaywright playwright, IBrowser browser, IBrowserContext context, IPage page, Uri arbiter) =>
        (this.playwright, this.browser, this.context, this.page, this.arbiter) = (playwright, browser, context, page, arbiter);

    public static async Task<FeedPage> OpenAsync(Uri arbiter)
    {
        var path = await Chromium.FindAsync();
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu", "--no-first-run"] }
        );
        // Playwright waits for an expression by evaluating it in the page, which the console does not let anybody do.
        var context = await browser.NewContextAsync(new() { BypassCSP = true });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(arbiter, "/conflicts").ToString());
        await page.GetByLabel("API key").FillAsync(ArbiterProcess.ApiKey);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Locator(".traktor-cases").WaitForAsync();
        await page.EvaluateAsync(Watch);
        return new FeedPage(playwright, browser, context, page, arbiter);
    }

    /// <summary>One more page of the same visitor.</summary>
    public async Task<IPage> AddAsync()
    {
        var more = await context.NewPageAsync();
        await more.GotoAsync(new Uri(arbiter, "/conflicts").ToString());
        await more.Locator(".traktor-cases").WaitForAsync();
        return more;
    }

    /// <summary>Waits until a conflict of node 0 stands in the page, and returns when it first did.</summary>
    public async Task<DateTimeOffset> AwaitAsync(long id)
    {
        var seen = string.Create(CultureInfo.InvariantCulture, $"window.traktorSeen['/conflicts/0/{id}']");
        await page.WaitForFunctionAsync(seen);
        return DateTimeOffset.FromUnixTimeMilliseconds(await page.EvaluateAsync<long>(seen));
    }

    /// <summary>How long a click takes until the page shows it.</summary>
    public async Task<TimeSpan> ClickAsync(string button, string then)
    {
        var clock = Stopwatch.StartNew();
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = then }).WaitForAsync();
        return clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
