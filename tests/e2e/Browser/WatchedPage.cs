using System.Collections.Concurrent;
using System.Text;
using Microsoft.Playwright;

namespace Traktor.E2ETests.Browser;

/// <summary>A page, with everything that it asked for and every error that it had.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly Uri address;
    private readonly ConcurrentQueue<string> requests = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly ConcurrentQueue<string> frames = new();

    public WatchedPage(IBrowserContext context, IPage page, Uri address)
    {
        this.context = context;
        this.address = address;
        Page = page;
        page.Request += (_, request) => requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) =>
        {
            requests.Enqueue(socket.Url);
            socket.FrameReceived += (_, frame) => frames.Enqueue(frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []));
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                errors.Enqueue($"{response.Status} for {response.Url}");
        };
        page.RequestFailed += (_, request) => errors.Enqueue($"{request.Url} failed: {request.Failure}");
        page.PageError += (_, error) => errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                errors.Enqueue($"{message.Type}: {message.Text}");
        };
    }

    public IPage Page { get; }

    /// <summary>Asks for a page, is sent to sign in, does so, and arrives at the page.</summary>
    public async Task SignInAsync(string path, string key)
    {
        await GoAsync(path);
        await Page.GetByLabel("API key").FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync(new Uri(address, path).ToString());
    }

    public Task GoAsync(string path) => Page.GotoAsync(new Uri(address, path).ToString());

    /// <summary>Fails when the page had an error, or asked anybody but its own arbiter.</summary>
    public void ExpectCleanAndLocal()
    {
        Assert.Empty(errors);
        Assert.NotEmpty(requests);
        Assert.All(requests, url => Assert.True(IsLocal(url), $"The page asks {url}."));
    }

    /// <summary>Fails when a secret stands in the page, or was sent to it.</summary>
    public async Task ExpectWithoutAsync(params string[] secrets)
    {
        string[] seen = [await Page.ContentAsync(), .. frames];
        Assert.True(seen.Length > 1, "Nothing was pushed to the page.");
        Assert.All(secrets, secret => Assert.DoesNotContain(seen, text => text.Contains(secret, StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private bool IsLocal(string url) => new Uri(url) is { Scheme: "data" or "blob" } || new Uri(url).Authority == address.Authority;
}
