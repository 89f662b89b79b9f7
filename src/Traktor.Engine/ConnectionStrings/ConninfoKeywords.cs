using System.Collections.Frozen;
using Traktor.Engine.Postgres;
using static Traktor.Engine.ConnectionStrings.KeywordUse;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// Every keyword that libpq of PostgreSQL 15 to 18 knows, and its use in the arbiter's own sessions. See
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"/>.
/// </summary>
public static class ConninfoKeywords
{
    private const string NoOauth = "the arbiter cannot log in with OAuth; use a role with a password or a certificate";
    private const string NoScramKey = "the arbiter cannot log in with SCRAM keys; give the password, or a passfile";
    private const string NoRevocationList = "the arbiter cannot read revocation lists and would trust a revoked certificate";

    private static readonly string[] TlsVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
    private static readonly string[] ProtocolVersions = ["3.0", "3.2", "latest"];
    private static readonly string[] Switch = ["0", "1"];

    /// <summary>All keywords, in the order of the manual's page.</summary>
    public static IReadOnlyList<ConninfoKeyword> All { get; } =
    [
        new("host", Mapped),
        new("hostaddr", Mapped),
        new("port", Mapped),
        new("dbname", Mapped),
        new("user", Mapped),
        new("password", Mapped, IsSecret: true),
        new("passfile", Mapped),
        new("require_auth", Mapped),
        new("channel_binding", Mapped, Values: ["disable", "prefer", "require"], Default: "prefer"),
        new("connect_timeout", Mapped),
        new("client_encoding", Ignored, "the arbiter's sessions always use UTF-8, and the server converts"),
        new("options", Mapped),
        new("application_name", Mapped),
        new("fallback_application_name", Mapped),
        new("keepalives", Mapped, Values: Switch, Default: "1"),
        new("keepalives_idle", Mapped),
        new("keepalives_interval", Mapped),
        new(
            "keepalives_count",
            Ignored,
            "Npgsql leaves the number of probes to the operating system; the arbiter's statements have time limits"
        ),
        new("tcp_user_timeout", Ignored, "the arbiter's statements have time limits"),
        new("replication", Refused, "the arbiter and the server open replication connections themselves; leave it out"),
        new("gssencmode", Mapped, Values: ["disable", "prefer", "require"], Default: "prefer"),
        new("sslmode", Mapped, Values: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
        new("sslnegotiation", Mapped, Values: ["postgres", "direct"], Default: "postgres"),
        new("sslcompression", Ignored, "TLS compression is insecure and no session uses it", Values: Switch),
        new("sslcert", Mapped),
        new("sslkey", Mapped),
        new("sslkeylogfile", Ignored, "it is for debugging libpq's own TLS sessions"),
        new("sslpassword", Mapped, IsSecret: true),
        new("sslcertmode", Mapped, Values: ["disable", "allow", "require"], Default: "allow"),
        new("sslrootcert", Mapped),
        new("sslcrl", Refused, NoRevocationList),
        new("sslcrldir", Refused, NoRevocationList),
        new("sslsni", Ignored, "the arbiter's sessions always send the host name with TLS", Values: Switch),
        new("requirepeer", Refused, "the arbiter cannot see who owns the server behind a Unix socket"),
        new("ssl_min_protocol_version", Ignored, "the operating system sets the oldest TLS version, commonly 1.2", Values: TlsVersions),
        new("ssl_max_protocol_version", Ignored, "the arbiter uses the newest TLS version that both sides have", Values: TlsVersions),
        new("min_protocol_version", Ignored, "the arbiter uses protocol 3.0, which every server supports", Values: ProtocolVersions),
        new("max_protocol_version", Ignored, "the arbiter uses protocol 3.0, which every server supports", Values: ProtocolVersions),
        new("krbsrvname", Mapped, Default: "postgres"),
        new("gsslib", Ignored, "the arbiter uses the GSSAPI of the operating system", Values: ["gssapi", "sspi"]),
        new("gssdelegation", Ignored, "the arbiter does not delegate credentials", Values: Switch),
        new("scram_client_key", Refused, NoScramKey, IsSecret: true),
        new("scram_server_key", Refused, NoScramKey, IsSecret: true),
        new("service", Refused, "the service file would have to be the same on every server; write its settings here instead"),
        new(
            "target_session_attrs",
            Mapped,
            Values: ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"],
            Default: "any"
        ),
        new("load_balance_hosts", Mapped, Values: ["disable", "random"], Default: "disable"),
        new("oauth_issuer", Refused, NoOauth),
        new("oauth_client_id", Refused, NoOauth),
        new("oauth_client_secret", Refused, NoOauth, IsSecret: true),
        new("oauth_scope", Refused, NoOauth),
    ];

    private static readonly FrozenDictionary<string, ConninfoKeyword> ByName = All.ToFrozenDictionary(
        keyword => keyword.Name,
        StringComparer.Ordinal
    );

    /// <summary>The keyword with that name; null when libpq does not know it.</summary>
    public static ConninfoKeyword? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The keyword with that name.</summary>
    /// <exception cref="RefusedException">Malformed when libpq does not know it. The message suggests the nearest
    /// keyword.</exception>
    public static ConninfoKeyword Known(string name)
    {
        if (Find(name) is { } keyword)
            return keyword;
        if (name.Length is 0 or > 40 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw RefusedException.Malformed(
                "The connection string has something other than a keyword before an '='.",
                "Quote values that contain blanks or '=': password='two words'."
            );

        // The text before the '=' may be part of an unquoted password: it is repeated only if it is close to a keyword.
        var nearest = NearestWord.To(name, ByName.Keys) ?? NearestWord.To(DotNetSpelling(name), ByName.Keys);
        throw nearest is null
            ? RefusedException.Malformed(
                "The connection string has a keyword that libpq does not know.",
                "Common keywords are host, port, dbname, user, password and sslmode. Quote a value that contains blanks."
            )
            : RefusedException.Malformed(
                $"The connection string has the keyword '{name}', which libpq does not know. Did you mean '{nearest}'?",
                "Keywords are written in lower case."
            );
    }

    private static string DotNetSpelling(string name) =>
        name.ToUpperInvariant() switch
        {
            "SERVER" => "host",
            "USERNAME" or "USERID" or "UID" => "user",
            "DATABASE" or "DB" => "dbname",
            "PWD" => "password",
            "TIMEOUT" => "connect_timeout",
            _ => name,
        };
}
