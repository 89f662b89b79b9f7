using System.Collections;
using System.Globalization;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.Web.Configuration;

/// <summary>
/// Reads <c>arbiter.ini</c> and the environment. One exception reports all errors; no error repeats a value, which may
/// be a secret.
/// </summary>
public sealed class ConfigurationReader
{
    /// <summary>
    /// Prefix of the environment variables that override a key, which follows in upper case: <c>TRAKTOR_NODEID</c>.
    /// </summary>
    public const string Prefix = "TRAKTOR_";

    private const int ShortKey = 8;
    private const string ExampleKey = "the output of: openssl rand -hex 24";

    private readonly ConfigurationValues values;
    private readonly List<string> errors;
    private readonly List<string> warnings = [];

    private ConfigurationReader(ArbiterIni ini, List<string> errors)
    {
        values = new ConfigurationValues(ini.Values, errors);
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
        "TrustedProxies",
        "HistoryRetention",
        "AuditRetention",
        "HeartbeatInterval",
        .. OpenIdReader.Keys,
    ];

    /// <summary>
    /// Reads and checks the file at <paramref name="path"/>, overridden by <paramref name="environment"/>; an empty
    /// value counts as absent.
    /// </summary>
    /// <exception cref="ConfigurationException">With all errors.</exception>
    public static ArbiterConfiguration Read(string path, IDictionary environment)
    {
        var errors = new List<string>();
        var ini = ArbiterIni.Read(path, errors);
        foreach (var key in Keys)
        {
            if (environment[Prefix + key.ToUpperInvariant()] is string { Length: > 0 } value)
                ini.Values[key] = value.Trim();
        }

        var reader = new ConfigurationReader(ini, errors);
        var configuration = reader.Configuration(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "");
        return errors.Count == 0 ? configuration! : throw new ConfigurationException(path, errors);
    }

    private ArbiterConfiguration? Configuration(string folder)
    {
        var nodeId = values.Required("NodeID", "0", "the number of this node, unique in the mesh", ParseNodeId);
        var conninfo = values.Required(
            "ConnectionString",
            "host=127.0.0.1 port=5433 user=traktor_arbiter password=… dbname=shop",
            "the connection string of this node's database",
            ParseConninfo
        );
        var address = values.Optional(
            "APIAddress",
            new ListenAddress("127.0.0.1", 8080),
            text =>
                ListenAddress.Parse(text)
                ?? values.Wrong<ListenAddress>(
                    "APIAddress",
                    "must be host:port",
                    "127.0.0.1:8080, [::1]:8080, or *:8080 for all addresses of the machine"
                )
        );
        var interval = values.Optional(
            "CheckInterval",
            TimeSpan.FromSeconds(10),
            text => values.Seconds("CheckInterval", text, 0.001m, 3600m, "above 0 and up to 3600", "10")
        );
        var heartbeat = values.Optional(
            "HeartbeatInterval",
            TimeSpan.FromSeconds(1),
            text => values.Seconds("HeartbeatInterval", text, 0.1m, 60m, "from 0.1 to 60", "1")
        );
        var apiKey = values.Required("APIKey", ExampleKey, "the secret that callers send in X-API-KEY", ParseApiKey);
        var readOnlyKey = values.Optional("ReadOnlyAPIKey", null, text => ParseReadOnlyKey(text, apiKey));
        var autoHeal = values.Optional("AutoHeal", true, text => values.Switch("AutoHeal", text));
        var pre16 = values.Optional("Pre16Compatibility", false, text => values.Switch("Pre16Compatibility", text));
        var (keyFile, certificateFile) = CertificateFiles.Check(
            values.Get("SSLKeyfile"),
            values.Get("SSLCertfile"),
            folder,
            errors,
            warnings
        );
        var publicUrl = values.Optional("PublicURL", null, text => values.Url("PublicURL", text));
        var proxies = values.Optional("TrustedProxies", [], text => values.Networks("TrustedProxies", text));
        var history = values.Optional("HistoryRetention", TimeSpan.FromDays(90), text => ParseRetention("HistoryRetention", text, "90"));
        var audit = values.Optional("AuditRetention", TimeSpan.FromDays(365), text => ParseRetention("AuditRetention", text, "365"));
        var openId = new OpenIdReader(values, errors).Read();
        if (errors.Count > 0)
            return null;

        if (!address!.IsLoopback && certificateFile is null)
            warnings.Add(
                "APIAddress: accepts connections from the network without TLS, so the API key is sent in plain text. Set SSLKeyfile "
                    + "and SSLCertfile."
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
            TrustedProxies = proxies!,
            HistoryRetention = history,
            AuditRetention = audit,
            OpenId = openId,
            Warnings = warnings,
        };
    }

    private int ParseNodeId(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var node) && node is >= 0 and <= short.MaxValue
            ? node
            : values.Wrong<int>("NodeID", "must be an integer from 0 to 32767", "0");

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
                    ? " (Write the comment on its own line: '#' and ';' are part of this value.)"
                    : "";
            return values.Wrong<Conninfo>(
                "ConnectionString",
                $"{refused.Message} {refused.Hint}".TrimEnd(' ', '.') + comment,
                "host=127.0.0.1 port=5433 user=traktor_arbiter password=… dbname=shop"
            );
        }
    }

    private TimeSpan ParseRetention(string key, string text, string example) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 0 and <= 36500
            ? TimeSpan.FromDays(days)
            : values.Wrong<TimeSpan>(key, "must be a number of days from 0 to 36500; 0 keeps everything forever", example);

    private static bool IsHeaderText(string text) => text.All(c => c is >= ' ' and <= '~');

    private string? ParseApiKey(string text)
    {
        if (!IsHeaderText(text))
            return values.Wrong<string>(
                "APIKey",
                "contains characters that an HTTP header cannot have; use ASCII letters, digits and punctuation",
                ExampleKey
            );
        if (text.Length < ShortKey)
            warnings.Add($"APIKey: is shorter than {ShortKey} characters and can be guessed.");
        return text;
    }

    private string? ParseReadOnlyKey(string text, string? apiKey)
    {
        if (!IsHeaderText(text))
            return values.Wrong<string>(
                "ReadOnlyAPIKey",
                "contains characters that an HTTP header cannot have; use ASCII letters, digits and punctuation",
                ExampleKey
            );
        if (text == apiKey)
            return values.Wrong<string>("ReadOnlyAPIKey", "must differ from APIKey", ExampleKey);
        if (text.Length < ShortKey)
            warnings.Add($"ReadOnlyAPIKey: is shorter than {ShortKey} characters and can be guessed.");
        return text;
    }
}
