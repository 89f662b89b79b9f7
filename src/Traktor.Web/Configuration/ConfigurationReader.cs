using System.Collections;
using System.Globalization;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.Web.Configuration;

/// <summary>
/// Reads <c>arbiter.ini</c> and the environment. All errors are collected before one exception tells them; none repeats
/// a value, which may be a secret.
/// </summary>
public sealed class ConfigurationReader
{
    /// <summary>Prefix of the environment variables that override a key, which follows in upper case: <c>TRAKTOR_NODEID</c>.</summary>
    public const string Prefix = "TRAKTOR_";

    private const int ShortKey = 8;

    private static readonly string[] True = ["true", "yes", "on", "1"];
    private static readonly string[] False = ["false", "no", "off", "0"];

    private readonly Dictionary<string, string> values;
    private readonly Dictionary<int, string> peerKeys;
    private readonly List<string> errors;
    private readonly List<string> warnings = [];

    private ConfigurationReader(Dictionary<string, string> values, Dictionary<int, string> peerKeys, List<string> errors)
    {
        this.values = values;
        this.peerKeys = peerKeys;
        this.errors = errors;
    }

    /// <summary>The keys of <c>[DEFAULT]</c>, the tutorial's first.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "NodeID",
        "ConnectionString",
        "APIAddress",
        "CheckInterval",
        "APIKey",
        "ReadOnlyAPIKey",
        "AutoHeal",
        "Pre16Compatibility",
        "SSLKeyfile",
        "SSLCertfile",
        "PublicURL",
        "HistoryRetention",
        "HeartbeatInterval",
    ];

    /// <summary>
    /// Reads and checks the file at <paramref name="path"/>, overridden by <paramref name="environment"/>; an empty
    /// value is an absent one.
    /// </summary>
    /// <exception cref="ConfigurationException">With everything that is wrong at once.</exception>
    public static ArbiterConfiguration Read(string path, IDictionary environment)
    {
        var errors = new List<string>();
        var (values, peerKeys) = IniFile.Read(path, errors);
        foreach (var key in Keys)
        {
            if (environment[Prefix + key.ToUpperInvariant()] is string { Length: > 0 } value)
                values[key] = value.Trim();
        }

        var reader = new ConfigurationReader(values, peerKeys, errors);
        var configuration = reader.Configuration(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "");
        return errors.Count == 0 ? configuration! : throw new ConfigurationException(path, errors);
    }

    private ArbiterConfiguration? Configuration(string folder)
    {
        var nodeId = Required("NodeID", "0", "the number of this node, different on each", ParseNodeId);
        var conninfo = Required(
            "ConnectionString",
            "host=127.0.0.1 port=5433 user=traktor_arbiter password=… dbname=shop",
            "how this node's database is reached",
            ParseConninfo
        );
        var address = Optional(
            "APIAddress",
            new ListenAddress("127.0.0.1", 8080),
            text =>
                ListenAddress.Parse(text)
                ?? Wrong<ListenAddress>(
                    "APIAddress",
                    "is no host:port",
                    "127.0.0.1:8080, [::1]:8080, or *:8080 for all addresses of the machine"
                )
        );
        var interval = Optional("CheckInterval", TimeSpan.FromSeconds(10), ParseInterval);
        var heartbeat = Optional("HeartbeatInterval", TimeSpan.FromSeconds(1), ParseHeartbeat);
        var apiKey = Required("APIKey", "the output of: openssl rand -hex 24", "the secret that callers send in X-API-KEY", ParseApiKey);
        var readOnlyKey = Optional("ReadOnlyAPIKey", null, text => ParseReadOnlyKey(text, apiKey));
        var autoHeal = Optional("AutoHeal", true, text => ParseSwitch("AutoHeal", text));
        var pre16 = Optional("Pre16Compatibility", false, text => ParseSwitch("Pre16Compatibility", text));
        var (keyFile, certificateFile) = CertificateFiles.Check(Get("SSLKeyfile"), Get("SSLCertfile"), folder, errors, warnings);
        var publicUrl = Optional("PublicURL", null, ParseUrl);
        var retention = Optional("HistoryRetention", TimeSpan.FromDays(90), ParseRetention);
        foreach (var (node, key) in peerKeys)
            if (!IsHeaderText(key))
                errors.Add(
                    $"[PEERS] {node}: holds characters that an HTTP header cannot carry; it is the APIKey of node {node}'s arbiter."
                );
        if (errors.Count > 0)
            return null;

        if (!address!.IsLoopback && certificateFile is null)
            warnings.Add(
                "APIAddress: others on the network can reach it, and without SSLKeyfile and SSLCertfile the API key crosses the network in plain text."
            );
        return new ArbiterConfiguration
        {
            NodeID = nodeId,
            ConnectionString = conninfo!,
            APIAddress = address,
            CheckInterval = interval,
            HeartbeatInterval = heartbeat,
            APIKey = apiKey!,
            ReadOnlyAPIKey = readOnlyKey,
            AutoHeal = autoHeal,
            Pre16Compatibility = pre16,
            SSLKeyfile = keyFile,
            SSLCertfile = certificateFile,
            PublicURL = publicUrl ?? address.ToUrl(tls: certificateFile is not null),
            HistoryRetention = retention,
            PeerKeys = peerKeys,
            Warnings = warnings,
        };
    }

    private string? Get(string key) => values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    private T? Required<T>(string key, string example, string meaning, Func<string, T?> parse)
    {
        if (Get(key) is { } value)
            return parse(value);
        errors.Add($"{key}: is missing; it is {meaning}. For instance: {key} = {example}");
        return default;
    }

    private T? Optional<T>(string key, T? absent, Func<string, T?> parse) => Get(key) is { } value ? parse(value) : absent;

    private T? Wrong<T>(string key, string problem, string example)
    {
        errors.Add($"{key}: {problem}. For instance: {key} = {example}");
        return default;
    }

    private int ParseNodeId(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var node) && node is >= 0 and <= short.MaxValue
            ? node
            : Wrong<int>("NodeID", "is no whole number from 0 to 32767", "0");

    private Conninfo? ParseConninfo(string text)
    {
        try
        {
            return Conninfo.Parse(text);
        }
        catch (RefusedException refused)
        {
            var comment =
                text.Contains(" #", StringComparison.Ordinal) || text.Contains(" ;", StringComparison.Ordinal)
                    ? " (A comment needs a line of its own: here '#' and ';' belong to the value.)"
                    : "";
            return Wrong<Conninfo>(
                "ConnectionString",
                $"{refused.Message} {refused.Hint}".TrimEnd(' ', '.') + comment,
                "host=127.0.0.1 port=5433 user=traktor_arbiter password=… dbname=shop"
            );
        }
    }

    private TimeSpan ParseInterval(string text) =>
        decimal.TryParse(
            text,
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var seconds
        ) && seconds is >= 0.001m and <= 3600m
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : Wrong<TimeSpan>("CheckInterval", "is no number of seconds above 0 and up to 3600", "10");

    private TimeSpan ParseHeartbeat(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds is >= 0.1m and <= 60m
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : Wrong<TimeSpan>("HeartbeatInterval", "is no number of seconds from 0.1 to 60", "1");

    private TimeSpan ParseRetention(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 0 and <= 36500
            ? TimeSpan.FromDays(days)
            : Wrong<TimeSpan>("HistoryRetention", "is no whole number of days from 0, which means for ever, to 36500", "90");

    private static bool IsHeaderText(string text) => text.All(c => c is >= ' ' and <= '~');

    private string? ParseApiKey(string text)
    {
        if (!IsHeaderText(text))
            return Wrong<string>(
                "APIKey",
                "holds characters that an HTTP header cannot carry; use ASCII letters, digits and signs",
                "the output of: openssl rand -hex 24"
            );
        if (text.Length < ShortKey)
            warnings.Add($"APIKey: is shorter than {ShortKey} characters and can be guessed.");
        return text;
    }

    private string? ParseReadOnlyKey(string text, string? apiKey)
    {
        const string Example = "the output of: openssl rand -hex 24";
        if (!IsHeaderText(text))
            return Wrong<string>(
                "ReadOnlyAPIKey",
                "holds characters that an HTTP header cannot carry; use ASCII letters, digits and signs",
                Example
            );
        if (text == apiKey)
            return Wrong<string>("ReadOnlyAPIKey", "is the same as APIKey, and would open everything", Example);
        if (text.Length < ShortKey)
            warnings.Add($"ReadOnlyAPIKey: is shorter than {ShortKey} characters and can be guessed.");
        return text;
    }

    private bool ParseSwitch(string key, string text) =>
        True.Contains(text, StringComparer.OrdinalIgnoreCase)
        || (!False.Contains(text, StringComparer.OrdinalIgnoreCase) && Wrong<bool>(key, "is neither True nor False", "True"));

    private Uri? ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && url is { UserInfo: "", Query: "", Fragment: "" }
            ? url
            : Wrong<Uri>("PublicURL", "is no http:// or https:// address without user, '?' and '#'", "https://node0.example.net:8080");
}
