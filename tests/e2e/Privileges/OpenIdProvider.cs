using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Traktor.Sandbox.Machine;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A small OpenID provider: discovery, keys, authorisation and tokens, for the code flow with PKCE. Whoever comes is
/// <see cref="User"/>.
/// </summary>
internal sealed class OpenIdProvider : IDisposable
{
    public const string ClientId = "traktor";
    public const string ClientSecret = "the secret of the client";

    private readonly HttpListener listener = new();
    private readonly RSA key = RSA.Create(2048);
    private readonly RSA strangersKey = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Grant> grants = new();

    public OpenIdProvider()
    {
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}/"));
        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        _ = ListenAsync();
    }

    public Uri Address { get; }

    /// <summary>Who signs in: the name and the groups.</summary>
    public (string Name, string[] Groups) User { get; set; } = ("nobody", []);

    /// <summary>
    /// What is wrong with the tokens: signature, audience, nonce, issuer, expired; null when nothing is.
    /// </summary>
    public string? Forgery { get; set; }

    /// <summary>The secrets that it gave out and received, to be searched for where they must not be.</summary>
    public ConcurrentBag<string> Secrets { get; } = [ClientSecret];

    private string Issuer => Address.ToString().TrimEnd('/');

    public void Dispose()
    {
        listener.Close();
        key.Dispose();
        strangersKey.Dispose();
    }

    private async Task ListenAsync()
    {
        while (listener.IsListening)
            try
            {
                var context = await listener.GetContextAsync();
                await AnswerAsync(context);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // It was stopped, or a browser did not wait for its answer.
            }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        switch (context.Request.Url!.AbsolutePath)
        {
            case "/.well-known/openid-configuration":
                await WriteAsync(
                    context,
                    new
                    {
                        issuer = Issuer,
                        authorization_endpoint = Address + "authorize",
                        token_endpoint = Address + "token",
                        jwks_uri = Address + "keys",
                        response_types_supported = new[] { "code" },
                        subject_types_supported = new[] { "public" },
                        id_token_signing_alg_values_supported = new[] { "RS256" },
                    }
                );
                break;
            case "/keys":
                var parameters = key.ExportParameters(includePrivateParameters: false);
                await WriteAsync(
                    context,
                    new
                    {
                        keys = new[]
                        {
                            new
                            {
                                kty = "RSA",
                                use = "sig",
                                alg = "RS256",
                                kid = "1",
                                n = Text(parameters.Modulus!),
                                e = Text(parameters.Exponent!),
                            },
                        },
                    }
                );
                break;
            case "/authorize":
                Authorize(context);
                break;
            case "/token":
                await TokenAsync(context);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private void Authorize(HttpListenerContext context)
    {
        var query = HttpUtility.ParseQueryString(context.Request.Url!.Query);
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256")
        {
            context.Response.StatusCode = 400;
            return;
        }

        var code = RandomNumberGenerator.GetHexString(32);
        Secrets.Add(code);
        grants[code] = new Grant(query["code_challenge"]!, query["nonce"]!, query["redirect_uri"]!);
        context.Response.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"]!)}");
    }

    private async Task TokenAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var form = HttpUtility.ParseQueryString(await reader.ReadToEndAsync());
        Grant? grant = null;
        var isRight =
            form["client_id"] == ClientId
            && form["client_secret"] == ClientSecret
            && grants.TryRemove(form["code"] ?? "", out grant)
            && grant.RedirectUri == form["redirect_uri"]
            && grant.Challenge == Text(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"] ?? "")));
        if (!isRight)
        {
            context.Response.StatusCode = 400;
            await WriteAsync(context, new { error = "invalid_grant" });
            return;
        }

        var token = Token(grant!);
        Secrets.Add(token);
        await WriteAsync(
            context,
            new
            {
                access_token = RandomNumberGenerator.GetHexString(32),
                token_type = "Bearer",
                expires_in = 300,
                id_token = token,
            }
        );
    }

    private string Token(Grant grant)
    {
        var now = DateTimeOffset.UtcNow.AddHours(Forgery == "expired" ? -2 : 0).ToUnixTimeSeconds();
        var head = Text(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    alg = "RS256",
                    typ = "JWT",
                    kid = "1",
                }
            )
        );
        var body = Text(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    iss = Forgery == "issuer" ? "http://127.0.0.1:1" : Issuer,
                    aud = Forgery == "audience" ? "another client" : ClientId,
                    sub = "1",
                    nonce = Forgery == "nonce" ? "another" : grant.Nonce,
                    iat = now,
                    exp = now + 300,
                    preferred_username = User.Name,
                    groups = User.Groups,
                }
            )
        );
        var signer = Forgery == "signature" ? strangersKey : key;
        var signature = signer.SignData(Encoding.ASCII.GetBytes($"{head}.{body}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{head}.{body}.{Text(signature)}";
    }

    private static async Task WriteAsync(HttpListenerContext context, object answer)
    {
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer));
    }

    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private sealed record Grant(string Challenge, string Nonce, string RedirectUri);
}
