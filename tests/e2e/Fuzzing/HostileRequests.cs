using System.Globalization;
using System.Text;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>
/// Hostile requests, the same ones for the same seed. Each begins as a fitting call of a route, with odd values, and is
/// then broken in up to three places; some break HTTP itself.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="routes">The routes of the API; the console's come in addition.</param>
/// <param name="serverPort">The port of this node's PostgreSQL.</param>
internal sealed class HostileRequests(int seed, IReadOnlyList<ApiRoute> routes, int serverPort)
{
    private const string JsonType = "application/json";
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>One of them.</summary>
    /// <param name="number">Which, from 0.</param>
    public HostileRequest Of(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var values = new HostileValues(random, serverPort);
        var bodies = new HostileBodies(random, values);
        var http = new BrokenHttp(random, values);
        var request = new HostileRequest(number, RouteOf(number));
        if (random.Next(10) == 0)
        {
            request.Raw = http.Message();
            request.Breaks.Add("raw");
            return request;
        }

        Fit(request, values, bodies);
        for (var breaks = random.Next(4); breaks > 0 && !request.IsFramed; breaks--)
            request.Breaks.Add(
                random.Next(10) switch
                {
                    0 => BreakPath(request, values, random),
                    1 or 2 => BreakParameters(request, values),
                    3 => BreakQuery(request, values, random),
                    4 => BreakHeaders(request, values, random),
                    5 => BreakMethod(request, values),
                    6 => bodies.Break(request),
                    7 => http.Frame(request),
                    _ => BreakJson(request, bodies),
                }
            );
        KeepTheNode(request);
        return request;
    }

    // Every tenth goes to the console.
    private ApiRoute RouteOf(int number) =>
        number % 10 == 9 ? ApiRoute.OfConsole[number / 10 % ApiRoute.OfConsole.Count] : routes[(number - (number / 10)) % routes.Count];

    private static void Fit(HostileRequest request, HostileValues values, HostileBodies bodies)
    {
        request.Set("Host", "localhost");
        request.Set("Connection", "close");
        request.Set(HostileRequest.Key, ArbiterProcess.ApiKey);
        request.Path = request.Route.Path;
        foreach (var parameter in request.Route.Parameters.Where(parameter => parameter.IsInPath))
            Put(request, parameter.Name, Uri.EscapeDataString(parameter.Schema.Type == "integer" ? "1" : values.Table()));
        if (request.Route.Form.Count > 0)
        {
            request.Body = Encoding.Latin1.GetBytes(
                string.Join('&', request.Route.Form.Select(field => $"{field}={values.Encoded(values.Text())}"))
            );
            request.Set("Content-Type", FormType);
        }

        if (request.Route.Body is not { } schema)
            return;
        request.Body = Encoding.UTF8.GetBytes(bodies.Json(schema, wrong: false));
        request.Set("Content-Type", JsonType);
    }

    private static string BreakParameters(HostileRequest request, HostileValues values)
    {
        request.Path = request.Route.Path;
        foreach (var parameter in request.Route.Parameters.Where(parameter => parameter.IsInPath))
            Put(request, parameter.Name, values.Encoded(parameter.Schema.Type == "integer" ? values.Number() : values.Text()));
        return "parameters";
    }

    private static string BreakPath(HostileRequest request, HostileValues values, Random random)
    {
        var at = random.Next(request.Path.Length + 1);
        request.Path = random.Next(5) switch
        {
            0 => request.Path.ToUpperInvariant(),
            1 => request.Path + values.Any("ends of a path"),
            2 => $"http://localhost{request.Path}",
            3 => "/" + values.Encoded(values.Text()),
            _ => request.Path.Insert(at, values.Encoded(values.Text())),
        };
        if (!request.Path.StartsWith('/') && !request.Path.StartsWith("http", StringComparison.Ordinal))
            request.Path = "/" + request.Path;
        return "path";
    }

    private static string BreakQuery(HostileRequest request, HostileValues values, Random random)
    {
        var names = request
            .Route.Parameters.Where(parameter => !parameter.IsInPath)
            .Select(parameter => parameter.Name)
            .Append("x")
            .ToList();
        var pairs = Enumerable
            .Range(0, 1 + random.Next(4))
            .Select(_ => values.Pick(names))
            .Select(name =>
                name
                + values.Pick(["=", "=", "=", "", "[]="])
                + values.Encoded(
                    random.Next(3) == 0 ? values.Json()
                    : random.Next(2) == 0 ? values.Number()
                    : values.Text()
                )
            );
        request.Query = "?" + string.Join('&', pairs);
        return "query";
    }

    private static string BreakMethod(HostileRequest request, HostileValues values)
    {
        request.Method = values.Any("methods");
        return "method";
    }

    private static string BreakHeaders(HostileRequest request, HostileValues values, Random random)
    {
        var header = values.Any("headers");
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        var name = header[..colon];
        var value = random.Next(6) switch
        {
            0 => HostileValues.Latin1(values.Text().ReplaceLineEndings(" ")),
            1 => new string(',', random.Next(40_000)),
            _ => header[(colon + 1)..].Trim(),
        };
        request.Set(name, value);
        request.IsFramed |= name == "Content-Length";
        return name;
    }

    private static string BreakJson(HostileRequest request, HostileBodies bodies)
    {
        request.Body = request.Route.Body is { } schema ? Encoding.UTF8.GetBytes(bodies.Json(schema, wrong: true)) : "{}"u8.ToArray();
        if (!request.Headers.Exists(header => header.Name == "Content-Type"))
            request.Set("Content-Type", JsonType);
        return "JSON";
    }

    /// <summary>
    /// DELETE of the node's control would succeed, and all that follows would be answered with "not initialised": it
    /// never has the key, however its path is written. Everything else may take effect: it reaches this node alone, and
    /// the mesh's own reset takes it back.
    /// </summary>
    private static void KeepTheNode(HostileRequest request)
    {
        var path = Uri.UnescapeDataString(request.Path);
        var isSubscription =
            path.Contains("/subscription/control", StringComparison.OrdinalIgnoreCase) && !path.Contains("..", StringComparison.Ordinal);
        if (
            request.Method.Equals("DELETE", StringComparison.OrdinalIgnoreCase)
            && path.Contains("control", StringComparison.OrdinalIgnoreCase)
            && !isSubscription
        )
            request.Set(HostileRequest.Key, "");
    }

    private static void Put(HostileRequest request, string parameter, string value) =>
        request.Path = request.Path.Replace(
            string.Create(CultureInfo.InvariantCulture, $"{{{parameter}}}"),
            value,
            StringComparison.Ordinal
        );
}
