using System.Collections.Concurrent;
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
            UseKey(key);
    }

    /// <summary>The key of the calls from now on.</summary>
    public void UseKey(string key)
    {
        client.DefaultRequestHeaders.Remove("X-API-KEY");
        client.DefaultRequestHeaders.Add("X-API-KEY", key);
    }

    public Uri Address => client.BaseAddress!;

    /// <summary>Every answer so far, headers and body, to be searched for what must never be in one.</summary>
    public ConcurrentQueue<string> Transcript { get; } = new();

    public async Task<Answer> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await SendAsync(request);
    }

    /// <summary>Sends a body as it is.</summary>
    public async Task<Answer> SendTextAsync(HttpMethod method, string path, string body, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, contentType) };
        return await SendAsync(request);
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

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Transcript.Enqueue(
            $"{request.Method} {request.RequestUri}: {(int)response.StatusCode}\n{response.Headers}{response.Content.Headers}{text}"
        );
        return new Answer(response.StatusCode, text, response.Content.Headers.ContentType?.MediaType);
    }
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

    /// <summary>
    /// Fails unless it is a problem with this status and a sentence that holds <paramref name="words"/>.
    /// </summary>
    public Answer ExpectProblem(int code, string words = "")
    {
        Expect(code);
        Assert.Equal("application/problem+json", ContentType);
        var detail = (string?)Json["detail"] ?? "";
        Assert.Contains(words, detail, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(".", detail, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Any 4xx, with a sentence.</summary>
    public Answer ExpectRefusal()
    {
        Assert.InRange(Code, 400, 499);
        return ExpectProblem(Code);
    }
}
