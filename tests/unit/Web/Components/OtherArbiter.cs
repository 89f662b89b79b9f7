using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Traktor.Engine.NodeKeys;
using Traktor.Web.Security.Signatures;

namespace Traktor.UnitTests.Web.Components;

/// <summary>
/// The REST API of another node's arbiter as far as a component asks it: answers by method and path, and what it was
/// sent.
/// </summary>
internal sealed class OtherArbiter : IDisposable
{
    /// <summary>The key of its node, which is node 1.</summary>
    public static readonly NodeKeyPair Key = NodeKeyPair.Make();

    /// <summary>The key of node 0, which calls it.</summary>
    public static readonly NodeKeyPair Caller = NodeKeyPair.Make();

    private readonly HttpListener listener;
    private readonly ConcurrentDictionary<string, (int Status, string Body)> answers = new(StringComparer.Ordinal);

    public OtherArbiter()
    {
        for (var port = 20000 + (Environment.ProcessId % 5000); ; port++)
        {
            try
            {
                // One that could not start is of no more use.
                listener = new HttpListener();
                listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                listener.Start();
                Url = new Uri($"http://127.0.0.1:{port}/");
                break;
            }
            catch (HttpListenerException) when (port < 30000)
            {
                // Taken: the next one.
            }
        }

        // Not on one of the test runner's few threads, which others keep busy for seconds.
        _ = Task.Run(AnswerAsync);
    }

    public Uri Url { get; }

    /// <summary>The key with which it proves that it is the arbiter for which it is taken; null for no proof.</summary>
    public NodeKeyPair? ProvesWith { get; set; } = Key;

    /// <summary>Called when a call has come, before it is answered.</summary>
    public Action Before { get; set; } = static () => { };

    /// <summary>The keys as node 0 knows them.</summary>
    public static KeyDirectory KnownBy0()
    {
        var keys = new KeyDirectory(0, TimeProvider.System);
        keys.Replace(Caller, new Dictionary<int, PublicKey> { [1] = Key.Public });
        return keys;
    }

    /// <summary>Every call so far: method, path and body.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Their headers.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Headers { get; } = new();

    public void On(string call, string body, int status = 200) => answers[call] = (status, body);

    public void Dispose() => listener.Close();

    private async Task AnswerAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync();
            var call = $"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}";
            var headers = context.Request.Headers;
            Headers.Enqueue(headers.AllKeys.ToDictionary(name => name!, name => headers[name]!));
            Calls.Enqueue($"{call} {body}".Trim());
            var (status, text) = answers.GetValueOrDefault(
                call,
                (404, """{"type":"about:blank","title":"Not Found","status":404,"detail":"Nothing is here.","hint":null,"trace_id":null}""")
            );
            context.Response.StatusCode = status;
            Before();
            if (ProvesWith is { } key && CallSignature.Parse(context.Request.Headers[CallSignature.Header] ?? "") is { } signature)
                context.Response.Headers[CallSignature.ProofHeader] = signature.ProofBy(key);
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
            context.Response.Close();
        }
    }
}
