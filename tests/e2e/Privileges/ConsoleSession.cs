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
    public Task<HttpResponseMessage> SignInAsync(string key, string? origin = null) => SignInAsync([new("key", key)], origin);

    /// <summary>Signs in by name and password.</summary>
    public Task<HttpResponseMessage> SignInAsync(string name, string password, string? origin) =>
        SignInAsync([new("name", name), new("password", password)], origin);

    /// <summary>Whether the session is still one.</summary>
    public async Task<bool> IsSignedInAsync() => (await Client.GetAsync("/")).StatusCode != HttpStatusCode.Unauthorized;

    /// <summary>Signs out. The form in the header is made by the script; the token is that of any form.</summary>
    public Task<HttpResponseMessage> SignOutAsync() => PostAsync("/sign-in", "/sign-out", [], null);

    private Task<HttpResponseMessage> SignInAsync(KeyValuePair<string, string>[] fields, string? origin) =>
        PostAsync("/sign-in", "/sign-in", fields, origin);

    private async Task<HttpResponseMessage> PostAsync(string from, string path, KeyValuePair<string, string>[] fields, string? origin)
    {
        var page = await Client.GetStringAsync(from);
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new FormUrlEncodedContent([
            new("form-token", WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value)),
            .. fields,
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
