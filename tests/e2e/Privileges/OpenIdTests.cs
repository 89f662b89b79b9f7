using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>Signing in through an OpenID provider, in a real browser.</summary>
public sealed partial class OpenIdTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task SignIn_ThroughTheProvider_HasTheRoleOfTheGroupsAndNoOther()
    {
        using var provider = new OpenIdProvider();
        await using var mesh = await TestMesh.StartAsync(18);
        var arbiter = mesh[0].Arbiter;
        await arbiter.TerminateAsync();
        await arbiter.ConfigureAsync(
            mesh[0].Server.Conninfo(TestMesh.Database),
            ("OIDCAuthority", provider.Address.ToString()),
            ("OIDCClientID", OpenIdProvider.ClientId),
            ("OIDCClientSecret", OpenIdProvider.ClientSecret),
            ("OIDCAdminGroups", "dba, root"),
            ("OIDCOperatorGroups", "night-shift"),
            ("OIDCViewerGroups", "staff")
        );
        await arbiter.StartAsync();

        foreach (
            var (name, groups, role) in new[]
            {
                ("alice", new[] { "staff", "dba", "something" }, "admin"),
                ("olga", ["night-shift", "staff"], "operator"),
                ("victor", ["staff"], "viewer"),
            }
        )
        {
            provider.User = (name, groups);
            await using var page = await EnterAsync(arbiter);
            await page.Page.WaitForURLAsync(new Uri(arbiter.Api.Address, "/replicaset").ToString());
            await Assertions.Expect(page.Page.GetByTestId("who")).ToContainTextAsync(name);
            await Assertions.Expect(page.Page.GetByTestId("who")).ToContainTextAsync(role);
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
            await Assertions.Expect(page.Page.GetByText("Sign in to node 0")).ToBeVisibleAsync();
        }

        provider.User = ("eve", ["DBA", "dba,root", "strangers"]);
        await RefusedAsync(arbiter, "None of your groups has a role here.");
        provider.User = ("alice", ["dba"]);
        foreach (var forgery in new[] { "signature", "audience", "nonce", "issuer", "expired" })
        {
            provider.Forgery = forgery;
            await RefusedAsync(arbiter, "The sign-in failed.");
        }

        provider.Forgery = null;
        // An answer that this browser did not ask for: another's code must not sign it in.
        await using (var stranger = await browser.OpenAsync(arbiter.Api.Address))
        {
            await stranger.GoAsync("/sign-in/openid/callback?code=stolen&state=none");
            await Assertions.Expect(stranger.Page.GetByText("The sign-in failed.")).ToBeVisibleAsync();
        }

        // The key goes on working, also while the provider is gone.
        provider.Dispose();
        await using var keyed = await browser.OpenAsync(arbiter.Api.Address);
        await arbiter.TerminateAsync();
        await arbiter.StartAsync();
        await keyed.GoAsync("/");
        await keyed.Page.GetByRole(AriaRole.Link, new() { NameRegex = Provider() }).ClickAsync();
        await Assertions.Expect(keyed.Page.GetByText("The OpenID provider cannot be reached.")).ToBeVisibleAsync();
        await keyed.Page.GetByLabel("API key").FillAsync(ArbiterProcess.ApiKey);
        await keyed.Page.GetByRole(AriaRole.Button, new() { Name = "Use the key" }).ClickAsync();
        await Assertions.Expect(keyed.Page.GetByTestId("who")).ToContainTextAsync("APIKey");
        Assert.All(provider.Secrets, secret => Assert.DoesNotContain(arbiter.Log, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    private async Task<WatchedPage> EnterAsync(ArbiterProcess arbiter)
    {
        var page = await browser.OpenAsync(arbiter.Api.Address);
        await page.GoAsync("/replicaset");
        await page.Page.GetByRole(AriaRole.Link, new() { NameRegex = Provider() }).ClickAsync();
        return page;
    }

    [GeneratedRegex("^Sign in with 127.0.0.1")]
    private static partial Regex Provider();

    private async Task RefusedAsync(ArbiterProcess arbiter, string reason)
    {
        await using var page = await EnterAsync(arbiter);
        await Assertions.Expect(page.Page.GetByText(reason)).ToBeVisibleAsync();
        await page.GoAsync("/");
        await Assertions.Expect(page.Page.GetByText("Sign in to node 0")).ToBeVisibleAsync();
    }
}
