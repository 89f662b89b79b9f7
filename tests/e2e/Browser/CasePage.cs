using Microsoft.Playwright;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Browser;

/// <summary>The page of a conflict on node 1, and what an operator does on it.</summary>
internal static class CasePage
{
    public const string Equal = "All 3 nodes are equal for this key.";
    public static readonly LocatorAssertionsToBeVisibleOptions HealState = new() { Timeout = 60_000 };

    /// <summary>Contests a key and opens the case that it makes on node 1.</summary>
    public static async Task OpenAsync(WatchedPage page, TestMesh mesh, int key)
    {
        await CaseMesh.ContestAsync(mesh, key);
        foreach (var node in mesh.Nodes)
            await CaseMesh.AwaitAsync(node, key);
        await GoAsync(page, mesh, key);
    }

    public static async Task GoAsync(WatchedPage page, TestMesh mesh, int key)
    {
        await page.GoAsync($"/conflicts/1/{(await CaseMesh.AwaitAsync(mesh[1], key))["id"]}");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Decide" })).ToBeVisibleAsync(HealState);
    }

    public static async Task DecideAsync(WatchedPage page, string equal = Equal)
    {
        await Button(page, "Decide").ClickAsync();
        await Assertions.Expect(page.Page.GetByText(equal)).ToBeVisibleAsync(HealState);
        await Assertions.Expect(page.Page.GetByText("resolved").First).ToBeVisibleAsync(HealState);
    }

    public static ILocator Way(WatchedPage page, string title) => page.Page.GetByRole(AriaRole.Radio, new() { Name = title });

    public static ILocator Button(WatchedPage page, string name) => page.Page.GetByRole(AriaRole.Button, new() { Name = name });
}
