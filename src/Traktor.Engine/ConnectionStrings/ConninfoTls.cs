using Npgsql;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// libpq's TLS settings for Npgsql. See <see href="https://www.postgresql.org/docs/current/libpq-ssl.html"/>.
/// </summary>
internal static class ConninfoTls
{
    private const string SystemRoots = "system";

    private static readonly Dictionary<string, SslMode> Modes = new(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["allow"] = SslMode.Allow,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    };

    /// <summary>
    /// With a root certificate libpq verifies the certificate under <c>require</c> too; with the system's roots it
    /// always verifies fully.
    /// </summary>
    public static SslMode Mode(Conninfo conninfo)
    {
        var mode = Modes[conninfo.Get("sslmode") ?? "prefer"];
        return (mode, conninfo.Get("sslrootcert")) switch
        {
            (_, SystemRoots) => SslMode.VerifyFull,
            (SslMode.Require, not null) => SslMode.VerifyCA,
            _ => mode,
        };
    }

    public static string Keyword(SslMode mode) => Modes.First(pair => pair.Value == mode).Key;

    public static void Apply(Conninfo conninfo, NpgsqlConnectionStringBuilder npgsql)
    {
        npgsql.SslMode = Mode(conninfo);
        if (conninfo.Get("sslnegotiation") is { } negotiation)
            npgsql.SslNegotiation = negotiation == "direct" ? SslNegotiation.Direct : SslNegotiation.Postgres;

        // Without a root certificate Npgsql uses the operating system's store, which is what "system" means.
        if (conninfo.Get("sslrootcert") is { } root && root != SystemRoots)
            npgsql.RootCertificate = root;
        if (conninfo.Get("sslcertmode") == "disable")
            return;
        if (conninfo.Get("sslcert") is { } certificate)
            npgsql.SslCertificate = certificate;
        if (conninfo.Get("sslkey") is { } key)
            npgsql.SslKey = key;
        if (conninfo.Get("sslpassword") is { } password)
            npgsql.SslPassword = password;
    }

    public static IEnumerable<KeyValuePair<string, string>> From(NpgsqlConnectionStringBuilder npgsql) =>
        [
            new("sslmode", Keyword(npgsql.SslMode)),
            new("sslnegotiation", npgsql.SslNegotiation == SslNegotiation.Direct ? "direct" : ""),
            new("sslrootcert", npgsql.RootCertificate ?? (npgsql.SslMode == SslMode.VerifyFull ? SystemRoots : "")),
            new("sslcert", npgsql.SslCertificate ?? ""),
            new("sslkey", npgsql.SslKey ?? ""),
            new("sslpassword", npgsql.SslPassword ?? ""),
        ];
}
