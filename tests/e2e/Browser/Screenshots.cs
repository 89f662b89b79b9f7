using Microsoft.Playwright;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Demo;

namespace Traktor.E2ETests.Browser;

/// <summary>
/// Makes the pictures of docs/console.md from a demo that it starts, with conflicts in it: <c>dotnet run --project
/// tests/e2e -- screenshots docs/images</c>.
/// </summary>
internal static class Screenshots
{
    public static Task MakeAsync(string folder) =>
        OfDemoAsync(
            folder,
            async (mesh, browser) =>
            {
                await using var page = await browser.OpenAsync(mesh.Nodes[0].Host.Address);
                await page.GoAsync("/sign-in");
                await ShootAsync(page, folder, "sign-in");
                await page.SignInAsync("/", mesh.ApiKey);
                await Assertions
                    .Expect(page.Page.GetByTestId("health"))
                    .ToContainTextAsync("3 pending conflicts", new() { Timeout = 60_000 });
                await Assertions
                    .Expect(page.Page.GetByText(new System.Text.RegularExpressions.Regex("^18\\.")).First)
                    .ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(page, folder, "mesh");
                await page.GoAsync("/subscriptions");
                await page.Page.GetByRole(AriaRole.Button, new() { Name = "From node 1 to node 0" }).ClickAsync(new() { Timeout = 60_000 });
                await Assertions.Expect(page.Page.Locator("aside")).ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(page, folder, "subscriptions");
                await page.GoAsync("/replicaset");
                await page
                    .Page.GetByRole(AriaRole.Button, new() { Name = "shop.product", Exact = true })
                    .ClickAsync(new() { Timeout = 60_000 });
                await Assertions.Expect(page.Page.Locator("aside")).ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(page, folder, "replicaset");
                await page.GoAsync("/node/1");
                await Assertions
                    .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
                    .ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(page, folder, "node");

                var path = $"/conflicts/1/{(await WaitingAsync(mesh)).Id}";
                await page.GoAsync(path);
                await Assertions
                    .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Decide" }))
                    .ToBeVisibleAsync(new() { Timeout = 60_000 });
                await Assertions.Expect(page.Page.GetByText("The nodes differ for this key.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(page, folder, "case");
                await page.Page.GetByRole(AriaRole.Radio, new() { Name = "Merge column by column" }).CheckAsync();
                await page.Page.GetByRole(AriaRole.Group, new() { Name = "name " }).GetByLabel("Node 0").CheckAsync();
                await page
                    .Page.GetByRole(AriaRole.Heading, new() { Name = "Decide" })
                    .EvaluateAsync("heading => heading.scrollIntoView(); scrollBy(0, -120)");
                await ShootAsync(page, folder, "merge");

                await using var phone = await browser.OpenAsync(mesh.Nodes[0].Host.Address, ColorScheme.Dark, isPhone: true);
                await phone.SignInAsync(path, mesh.ApiKey);
                await Assertions
                    .Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Decide" }))
                    .ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(phone, folder, "case-phone");

                await page.GoAsync("/conflicts");
                await Assertions
                    .Expect(page.Page.Locator("table").GetByText("shop.product").First)
                    .ToBeVisibleAsync(new() { Timeout = 60_000 });
                await Assertions.Expect(page.Page.GetByText("3 in total")).ToBeVisibleAsync(new() { Timeout = 60_000 });
                await Assertions.Expect(page.Page.GetByText("not counted")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
                await ShootAsync(page, folder, "conflicts");
                await phone.GoAsync("/conflicts");
                await Assertions
                    .Expect(phone.Page.Locator("table").GetByText("shop.product").First)
                    .ToBeVisibleAsync(new() { Timeout = 60_000 });
                await ShootAsync(phone, folder, "conflicts-phone");
            }
        );

    /// <summary>Every page, whole, in each colour and size.</summary>
    public static Task MakeAllAsync(string folder) =>
        OfDemoAsync(
            folder,
            async (mesh, browser) =>
            {
                var path = $"/conflicts/1/{(await WaitingAsync(mesh)).Id}";
                await CompareAsync(mesh);
                (string Name, string Path, (AriaRole Role, string Name)? Click)[] pages =
                [
                    ("mesh", "/", null),
                    ("subscriptions", "/subscriptions", null),
                    ("subscription-list", "/subscriptions?view=list", null),
                    ("link", "/subscriptions", (AriaRole.Button, "From node 1 to node 0")),
                    ("replicaset", "/replicaset", null),
                    ("table", "/replicaset", (AriaRole.Button, "shop.product")),
                    ("add-tables", "/replicaset", (AriaRole.Button, "Add tables")),
                    ("conflicts", "/conflicts", null),
                    ("decide-together", "/conflicts", (AriaRole.Checkbox, "Select shop.product")),
                    ("case", path, null),
                    ("merge", path, (AriaRole.Radio, "Merge column by column")),
                    ("node", "/node/1", null),
                    ("access", "/access", null),
                    ("account", "/account", null),
                    ("audit", "/audit", null),
                    ("audit-verified", "/audit", (AriaRole.Button, "Verify")),
                    ("tasks", "/tasks", null),
                    ("task", "/tasks/0/1", null),
                    ("comparison", "/comparisons/0/1?table=shop.product", null),
                    ("not-found", "/nowhere", null),
                ];
                foreach (var colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
                foreach (var isPhone in (bool[])[false, true])
                {
                    var suffix = $"{(isPhone ? "phone" : "desk")}-{colours}".ToLowerInvariant();
                    await using var page = await browser.OpenAsync(mesh.Nodes[0].Host.Address, colours, isPhone);
                    await page.GoAsync("/sign-in");
                    await ShootAsync(page, folder, $"sign-in-{suffix}");
                    await page.SignInAsync("/", mesh.ApiKey);
                    await Assertions
                        .Expect(page.Page.GetByTestId("health"))
                        .ToContainTextAsync("3 pending conflicts", new() { Timeout = 60_000 });
                    foreach (var (name, place, click) in pages)
                    {
                        await page.GoAsync(place);
                        await Assertions
                            .Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
                            .ToBeVisibleAsync(new() { Timeout = 60_000 });
                        // What comes with the first answers of all nodes.
                        await Assertions
                            .Expect(page.Page.GetByText(new System.Text.RegularExpressions.Regex("^Loading.*…$")))
                            .ToHaveCountAsync(0, new() { Timeout = 60_000 });
                        await Assertions
                            .Expect(page.Page.Locator("[aria-busy=true]:not([role=progressbar])"))
                            .ToHaveCountAsync(0, new() { Timeout = 60_000 });
                        await Assertions.Expect(page.Page.GetByText("not counted")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
                        if (click is { } control)
                            await page
                                .Page.GetByRole(control.Role, new() { Name = control.Name, Exact = control.Name == "shop.product" })
                                .ClickAsync(new() { Timeout = 60_000 });
                        await ShootAsync(page, folder, $"{name}-{suffix}", isWhole: true);
                    }
                }
            }
        );

    /// <summary>Has node 0 compare the tables. What waits for a decision cannot be told, and so it does not
    /// end.</summary>
    private static async Task CompareAsync(DemoMesh mesh)
    {
        using var client = new HttpClient { BaseAddress = mesh.Nodes[0].Host.Address };
        client.DefaultRequestHeaders.Add("X-API-KEY", mesh.ApiKey);
        (await client.PostAsync("/v1/arbiter/comparisons", null)).EnsureSuccessStatusCode();
    }

    private static async Task OfDemoAsync(string folder, Func<DemoMesh, BrowserFixture, Task> shoot)
    {
        Directory.CreateDirectory(folder);
        await using var mesh = await DemoMesh.StartAsync(
            DemoPlan.From("16,17,18", 3, false).Plan!,
            Console.WriteLine,
            CancellationToken.None
        );
        var browser = new BrowserFixture();
        await browser.InitializeAsync();
        try
        {
            await ContestAsync(mesh);
            await shoot(mesh, browser);
        }
        finally
        {
            await browser.DisposeAsync();
        }
    }

    /// <summary>
    /// Nodes 0 and 1 write rows of the same keys while they do not hear one another: of one table the conflict waits,
    /// of the other the policy decides.
    /// </summary>
    private static async Task ContestAsync(DemoMesh mesh)
    {
        var (zero, one) = (mesh.Nodes[0], mesh.Nodes[1]);
        await zero
            .Host.Arbiter.As(Actor.OfCommandLine())
            .SetPolicyAsync("shop.product", Policy.Manual, detector: null, isMesh: true, CancellationToken.None);
        await zero.Host.Arbiter.As(Actor.OfCommandLine()).PauseAsync(1, CancellationToken.None);
        await one.Host.Arbiter.As(Actor.OfCommandLine()).PauseAsync(0, CancellationToken.None);
        await ExecuteAsync(zero, Contested("Fork, four prongs", "34.50"));
        await ExecuteAsync(one, Contested("Hay fork, 4 prongs", "29.90"));
        await zero.Host.Arbiter.As(Actor.OfCommandLine()).ResumeAsync(1, CancellationToken.None);
        await one.Host.Arbiter.As(Actor.OfCommandLine()).ResumeAsync(0, CancellationToken.None);
        await WaitingAsync(mesh);
    }

    private static string Contested(string name, string price) =>
        $"BEGIN; INSERT INTO shop.product VALUES ('fork-4', '{name}', {price}); INSERT INTO shop.\"PriceList\" VALUES "
        + $"(current_date + 1, 'milk-can', {price}); INSERT INTO shop.customer (name, city) VALUES ('{name}', 'Town'); COMMIT";

    private static async Task<HistoryEntry> WaitingAsync(DemoMesh mesh)
    {
        HistoryEntry? found = null;
        await Eventually.TrueAsync(
            "a conflict waits on node 1",
            async () =>
            {
                var waiting = await mesh.Nodes[1]
                    .Host.Arbiter.ConflictsAsync(
                        new HistoryFilter { State = ConflictState.Pending, Relation = "shop.product" },
                        CancellationToken.None
                    );
                found = waiting.Conflicts is [var first, ..] ? first : null;
                return found is not null;
            }
        );
        return found!;
    }

    private static async Task ExecuteAsync(DemoNode node, string sql)
    {
        await using var source = NpgsqlDataSource.Create(node.NpgsqlString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task ShootAsync(WatchedPage page, string folder, string name, bool isWhole = false)
    {
        // Fonts and icons are there, and nothing moves any more.
        await page.Page.EvaluateAsync("document.fonts.ready");
        await page.Page.ScreenshotAsync(
            new()
            {
                Path = Path.Combine(folder, $"{name}.png"),
                Animations = ScreenshotAnimations.Disabled,
                FullPage = isWhole,
            }
        );
    }
}
