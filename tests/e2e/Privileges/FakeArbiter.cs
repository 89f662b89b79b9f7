using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Traktor.Engine.NodeKeys;
using Traktor.Sandbox.Machine;
using Traktor.Web.Security.Signatures;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// What stands at an address that somebody wrote into <c>trktr.node</c>: it keeps all that it receives, and passes it
/// on
/// to a real arbiter. What it answers by itself it proves with a key of its own.
/// </summary>
internal sealed class FakeArbiter : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly HttpClient client = new();
    private readonly NodeKeyPair key = NodeKeyPair.Make();
    private readonly Uri real;

    public FakeArbiter(Uri real)
    {
        this.real = real;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}/"));
        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        _ = ListenAsync();
    }

    public Uri Address { get; }

    /// <summary>What it answers instead of the real arbiter, by path; null for what that answers.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    public ConcurrentQueue<Received> Calls { get; } = new();

    /// <summary>Sends a call once more, to an arbiter of its choice.</summary>
    public async Task<HttpResponseMessage> SendAsync(Received call, Uri to)
    {
        using var request = new HttpRequestMessage(call.Method, new Uri(to, call.Target));
        if (call.Body.Length > 0)
            request.Content = new ByteArrayContent(call.Body);
        foreach (var (name, value) in call.Headers.Where(header => header.Name is not ("Host" or "Content-Length" or "Connection")))
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose()
    {
        listener.Close();
        client.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = context.Request;
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        var headers = request.Headers.AllKeys.Select(name => (name!, request.Headers[name]!)).ToList();
        var call = new Received(new HttpMethod(request.HttpMethod), request.RawUrl!, headers, body.ToArray());
        Calls.Enqueue(call);
        using var response = context.Response;
        try
        {
            if (Answer(call.Target) is { } text)
            {
                if (CallSignature.Parse(request.Headers[CallSignature.Header] ?? "") is { } signature)
                    response.AddHeader(CallSignature.ProofHeader, signature.ProofBy(key));
                await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                return;
            }

            using var answer = await SendAsync(call, real);
            response.StatusCode = (int)answer.StatusCode;
            if (answer.Headers.TryGetValues(CallSignature.ProofHeader, out var proofs))
                response.AddHeader(CallSignature.ProofHeader, string.Concat(proofs));
            response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(response.OutputStream);
        }
        catch (Exception e) when (e is HttpRequestException or HttpListenerException or ObjectDisposedException or IOException)
        {
            // Either side has gone.
        }
    }

    /// <summary>A call, as it came.</summary>
    internal sealed record Received(HttpMethod Method, string Target, List<(string Name, string Value)> Headers, byte[] Body)
    {
        public override string ToString() =>
            $"{Method} {Target}\n{string.Join('\n', Headers.Select(header => $"{header.Name}: {header.Value}"))}\n"
            + Encoding.UTF8.GetString(Body);
    }
}
