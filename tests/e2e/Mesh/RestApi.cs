using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Traktor.E2ETests.Mesh;

/// <summary>An arbiter's REST API, called as a script would.</summary>
internal sealed class RestApi : IDisposable
{
    private readonly HttpClient client;

    public RestApi(Uri address, string? key)
    {
        client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        if (key is not null)
            client.DefaultRequestHeaders.Add("X-API-KEY", key);
    }

    public Uri Address => client.BaseAddress!;

    public async Task<Answer> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType);
    }

    public Task<Answer> GetAsync(string path) => CallAsync(HttpMethod.Get, path);

    public Task<Answer> PutAsync(string path, object? body = null) => CallAsync(HttpMethod.Put, path, body);

    public Task<Answer> PatchAsync(string path) => CallAsync(HttpMethod.Patch, path);

    public Task<Answer> PostAsync(string path, object? body = null) => CallAsync(HttpMethod.Post, path, body);

    public Task<Answer> DeleteAsync(string path, object? body = null) => CallAsync(HttpMethod.Delete, path, body);

    /// <summary>The status code; null when nobody answers.</summary>
    public async Task<HttpStatusCode?> StatusCodeAsync(string path)
    {
        try
        {
            return (await GetAsync(path)).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public void Dispose() => client.Dispose();
}

/// <summary>What an arbiter answered.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, string? ContentType)
{
    public int Code => (int)Status;

    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>Fails with the whole answer when the status is another one.</summary>
    public Answer Expect(int code)
    {
        Assert.True(Code == code, $"Expected {code}, got {Code}: {Text}");
        return this;
    }
}
