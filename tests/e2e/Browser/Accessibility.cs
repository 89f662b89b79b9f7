using Deque.AxeCore.Playwright;

namespace Traktor.E2ETests.Browser;

/// <summary>
/// What keeps people from using a page: what axe finds serious or critical, and what is wider than the screen. With
/// <see cref="Pictures"/> set it also leaves a picture of what was looked at.
/// </summary>
internal static class Accessibility
{
    /// <summary>Names a folder for pictures of every page that is looked at.</summary>
    public const string Pictures = "TRAKTOR_PICTURES";

    public static async Task<IEnumerable<string>> LookAsync(WatchedPage page, string what)
    {
        if (Environment.GetEnvironmentVariable(Pictures) is { Length: > 0 } folder)
            await page.Page.ScreenshotAsync(
                new()
                {
                    FullPage = true,
                    Path = Path.Combine(
                        folder,
                        $"{string.Concat(what.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'))}-{Guid.NewGuid().ToString()[..4]}.png"
                    ),
                }
            );
        var found = await page.Page.RunAxe();
        var overflow = await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        return found
            .Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{what}: {v.Id}, {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}")
            .Concat(overflow > 0 ? [$"{what} is {overflow} pixels wider than the screen"] : []);
    }
}
