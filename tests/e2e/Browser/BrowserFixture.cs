using Microsoft.Playwright;

namespace Traktor.E2ETests.Browser;

/// <summary>A real Chromium for the tests of a class, with an empty profile for each page.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async Task InitializeAsync()
    {
        var path = await Chromium.FindAsync();
        playwright = await Playwright.CreateAsync();
        // As patient as Eventually is with servers: with other tests beside it a page has taken more than the five
        // seconds that are Playwright's own.
        Assertions.SetDefaultExpectTimeout(30_000);
        browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,
                // Nothing but what the page itself does may go out.
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }

    /// <summary>A new page that notes what it asks for and complains about.</summary>
    internal async Task<WatchedPage> OpenAsync(
        Uri address,
        ColorScheme colours = ColorScheme.Light,
        bool isPhone = false,
        string zone = "UTC"
    )
    {
        var size = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 720 };
        var context = await browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = size,
                ColorScheme = colours,
                TimezoneId = zone,
            }
        );
        return new WatchedPage(context, await context.NewPageAsync(), address);
    }
}
