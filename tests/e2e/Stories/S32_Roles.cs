using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Privileges;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A viewer's, an operator's and an admin's day in a real browser: each sees what the role allows, and no more.
/// </summary>
public sealed class S32_Roles(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private const string Password = "correct horse battery";
    private static readonly LocatorClickOptions Patient = new() { Timeout = 30_000 };

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Days_OfAnAdminAnOperatorAndAViewer_HaveWhatTheRoleAllows()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh[0].AwaitStateAsync(1, "streaming");

        // The admin, with the APIKey, makes the users and a key on node 0.
        await using var admin = await browser.OpenAsync(mesh[0].Api.Address);
        await admin.SignInAsync("/", ArbiterProcess.ApiKey);
        await Assertions.Expect(admin.Page.GetByTestId("who")).ToContainTextAsync("APIKey");
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Access" }).ClickAsync(Patient);
        foreach (var (name, role) in new[] { ("olga", "operator"), ("victor", "viewer") })
        {
            await Button(admin, "Add a user").ClickAsync(Patient);
            await admin.Page.GetByLabel("Name").FillAsync(name);
            await admin.Page.GetByLabel("Role").SelectOptionAsync(role);
            await admin.Page.GetByLabel("Password").FillAsync(Password);
            await Button(admin, "Add user").ClickAsync();
            await Assertions.Expect(Button(admin, $"Change {name}")).ToBeVisibleAsync();
        }

        await Button(admin, "Add a key").ClickAsync();
        await admin.Page.GetByLabel("Name").FillAsync("backup");
        await Button(admin, "Make the key").ClickAsync();
        var key = await admin.Page.Locator(".traktor-copy code").InnerTextAsync();
        Assert.Matches("^traktor_[0-9a-f]{48}$", key);
        await Button(admin, "Done").ClickAsync();
        await Assertions.Expect(admin.Page.GetByText(key)).ToHaveCountAsync(0);
        await admin.Page.ReloadAsync();
        await Assertions.Expect(Button(admin, "Remove backup")).ToBeVisibleAsync();
        await Assertions.Expect(admin.Page.GetByText(key)).ToHaveCountAsync(0);
        await admin.ExpectWithoutAsync(Password);

        // The operator, on node 1, pauses and resumes, and changes nothing else.
        await using var oper = await SignInAsync(mesh[1], "olga");
        await Assertions.Expect(oper.Page.GetByTestId("who")).ToContainTextAsync("olga");
        await Assertions.Expect(oper.Page.GetByText("Read-only session.")).ToHaveCountAsync(0);
        await Assertions.Expect(oper.Page.GetByRole(AriaRole.Link, new() { Name = "Access" })).ToHaveCountAsync(0);
        await oper.GoAsync("/subscriptions");
        await Button(oper, "From node 1 to node 0").ClickAsync(Patient);
        await Button(oper, "Pause").ClickAsync(Patient);
        await mesh[0].AwaitStateAsync(1, "paused");
        await Button(oper, "Resume").ClickAsync(Patient);
        await mesh[0].AwaitStateAsync(1, "streaming");
        await Assertions.Expect(Button(oper, "Drop…")).ToHaveCountAsync(0);
        await Assertions.Expect(Button(oper, "Change connection")).ToHaveCountAsync(0);
        await oper.GoAsync("/replicaset");
        await Assertions.Expect(Button(oper, "Add tables")).ToBeDisabledAsync();
        await oper.GoAsync("/access");
        await Assertions.Expect(oper.Page.GetByText("you need the role admin")).ToBeVisibleAsync();

        // The viewer sees, and has no button.
        await using var viewer = await SignInAsync(mesh[1], "victor");
        await Assertions.Expect(viewer.Page.GetByText("Read-only session.")).ToBeVisibleAsync();
        await viewer.GoAsync("/subscriptions");
        await Button(viewer, "From node 1 to node 0").ClickAsync(Patient);
        await Assertions.Expect(viewer.Page.GetByText("To pause or resume it you need the role operator")).ToBeVisibleAsync();
        await Assertions.Expect(Button(viewer, "Pause")).ToHaveCountAsync(0);

        // The own password is everybody's: the other session ends, this one goes on.
        using var other = new ConsoleSession(mesh[0].Api.Address);
        Assert.Equal(HttpStatusCode.Redirect, (await other.SignInAsync("victor", Password, null)).StatusCode);
        await viewer.Page.GetByTestId("who").ClickAsync(Patient);
        await viewer.Page.GetByLabel("Old password").FillAsync(Password);
        await viewer.Page.GetByLabel("New password", new() { Exact = true }).FillAsync("another horse battery");
        await viewer.Page.GetByLabel("New password again").FillAsync("another horse");
        await Button(viewer, "Change the password").ClickAsync();
        await Assertions.Expect(viewer.Page.GetByText("The new passwords differ.")).ToBeVisibleAsync();
        await viewer.Page.GetByLabel("New password again").FillAsync("another horse battery");
        await Button(viewer, "Change the password").ClickAsync();
        await Assertions.Expect(viewer.Page.GetByText("The password is changed.")).ToBeVisibleAsync();
        await viewer.ExpectWithoutAsync("another horse battery");
        await Eventually.TrueAsync("the other session ends", async () => !await other.IsSignedInAsync(), mesh.Diagnose);
        await viewer.GoAsync("/account");
        await Assertions.Expect(viewer.Page.GetByText("You are signed in as the user victor, with the role viewer.")).ToBeVisibleAsync();
        await admin.Page.GetByTestId("who").ClickAsync(Patient);
        await Assertions.Expect(admin.Page.GetByText("A key of arbiter.ini has no password.")).ToBeVisibleAsync();
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Access" }).ClickAsync(Patient);

        // The admin makes the viewer an operator and removes the operator: both are sent to sign in, on the other node.
        await Button(admin, "Change victor").ClickAsync();
        await admin.Page.GetByLabel("Role").SelectOptionAsync("operator");
        await Button(admin, "Save").ClickAsync();
        await Button(admin, "Remove olga").ClickAsync();
        await Button(admin, "Remove the user").ClickAsync();
        await Assertions.Expect(Button(admin, "Remove olga")).ToHaveCountAsync(0);
        foreach (var ended in new[] { viewer, oper })
            await Assertions.Expect(ended.Page).ToHaveURLAsync(new Regex("/sign-in"), new() { Timeout = 30_000 });
        admin.ExpectCleanAndLocal();
    }

    private async Task<WatchedPage> SignInAsync(MeshNode node, string name)
    {
        var page = await browser.OpenAsync(node.Api.Address);
        await Eventually.TrueAsync(
            $"{name} can sign in on node {node.Id}",
            async () =>
            {
                await page.GoAsync("/sign-in");
                return await page.Page.GetByLabel("Name").CountAsync() > 0;
            }
        );
        await page.Page.GetByLabel("Name").FillAsync(name);
        await page.Page.GetByLabel("Password").FillAsync(Password);
        await Button(page, "Sign in").ClickAsync();
        await page.Page.WaitForURLAsync(new Uri(node.Api.Address, "/").ToString());
        return page;
    }

    private static ILocator Button(WatchedPage page, string name) =>
        page.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = name != "From node 1 to node 0" });
}
