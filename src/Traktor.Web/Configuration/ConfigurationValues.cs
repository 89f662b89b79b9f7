using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Traktor.Web.Configuration;

/// <summary>The values of <c>[DEFAULT]</c> by key; errors are added to the list, with an example.</summary>
internal sealed class ConfigurationValues(IReadOnlyDictionary<string, string> values, List<string> errors)
{
    private static readonly string[] True = ["true", "yes", "on", "1"];
    private static readonly string[] False = ["false", "no", "off", "0"];

    /// <summary>A value; null when it is absent or empty.</summary>
    public string? Get(string key) => values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    public T? Required<T>(string key, string example, string meaning, Func<string, T?> parse)
    {
        if (Get(key) is { } value)
            return parse(value);
        errors.Add($"{key}: is missing; it is {meaning}. For instance: {key} = {example}");
        return default;
    }

    public T? Optional<T>(string key, T? absent, Func<string, T?> parse) => Get(key) is { } value ? parse(value) : absent;

    public T? Wrong<T>(string key, string problem, string example)
    {
        errors.Add($"{key}: {problem}. For instance: {key} = {example}");
        return default;
    }

    public TimeSpan Seconds(string key, string text, decimal least, decimal most, string range, string example) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds >= least
        && seconds <= most
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : Wrong<TimeSpan>(key, $"must be a number of seconds {range}", example);

    public bool Switch(string key, string text) =>
        True.Contains(text, StringComparer.OrdinalIgnoreCase)
        || (!False.Contains(text, StringComparer.OrdinalIgnoreCase) && Wrong<bool>(key, "must be True or False", "True"));

    public Uri? Url(string key, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && url is { UserInfo: "", Query: "", Fragment: "" }
            ? url
            : Wrong<Uri>(key, "must be an http:// or https:// URL without user, '?' and '#'", "https://node0.example.net:8080");

    public IReadOnlyList<IPNetwork>? Networks(string key, string text)
    {
        var networks = new List<IPNetwork>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
            if (IPNetwork.TryParse(part, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(part, out var address))
                networks.Add(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
            else
                return Wrong<IReadOnlyList<IPNetwork>>(
                    key,
                    "must be IP addresses or networks, separated by commas",
                    "127.0.0.1, 10.1.0.0/16"
                );
        return networks;
    }
}
