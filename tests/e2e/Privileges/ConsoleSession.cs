using System.Net;
using System.Text.RegularExpressions;

namespace Traktor.E2ETests.Privileges;

/// <summary>A browser's requests without its scripts: cookies, and the form of the sign-in.</summary>
internal sealed partial class ConsoleSession : IDisposable
{
    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false };

    public ConsoleSession(Uri address) => Client = new HttpClient(handler) { BaseAddress = address };

    public HttpClient Client { get; }

    public CookieContainer Cookies => handler.CookieContainer;

    /// <summary>Signs in; 302 when that succeeds.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string key, string? origin = null)
    {
        var page = await Client.GetStringAsync("/sign-in");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in");
        request.Content = new FormUrlEncodedContent([
            new("form-token", WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value)),
            new("key", key),
        ]);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await Client.SendAsync(request);
    }

    public void Dispose()
    {
        Client.Dispose();
        handler.Dispose();
    }

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]*)\"")]
    private static partial Regex Token();
}
