namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// <c>require_auth</c>: the ways of logging in that are allowed, or, each with a '!', forbidden.
/// See <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH"/>.
/// </summary>
internal static class ConninfoAuth
{
    private const string Oauth = "oauth";

    // libpq's name and Npgsql's.
    private static readonly (string Libpq, string? Npgsql)[] Methods =
    [
        ("password", "Password"),
        ("md5", "MD5"),
        ("gss", "GSS"),
        ("sspi", "SSPI"),
        ("scram-sha-256", "ScramSHA256"),
        ("none", "None"),
        (Oauth, null),
    ];

    public static void Check(string value)
    {
        var methods = Split(value);
        if (!methods.All(method => Methods.Any(known => known.Libpq == method.Name)))
            throw RefusedException.Malformed(
                "The value of 'require_auth' in the connection string names a method that libpq does not know.",
                $"Known are, separated by commas: {string.Join(", ", Methods.Select(known => known.Libpq))}."
            );
        if (methods.Any(method => method.Forbidden) && !methods.All(method => method.Forbidden))
            throw RefusedException.Malformed(
                "The value of 'require_auth' in the connection string allows some methods and forbids others.",
                "Either list those that are allowed, or those that are forbidden with a '!' before each."
            );
        if (methods.All(method => method is { Name: Oauth, Forbidden: false }))
            throw RefusedException.Malformed(
                "require_auth=oauth cannot be used in a connection string here: the arbiter cannot log in by OAuth.",
                "Give it a role with a password or a certificate."
            );
    }

    /// <summary>As Npgsql writes it; null when nothing is left, for OAuth is no way that our sessions could take.</summary>
    public static string? ToNpgsql(string value)
    {
        var known = Split(value)
            .Select(method => (method.Forbidden, Methods.First(known => known.Libpq == method.Name).Npgsql))
            .Where(method => method.Npgsql is not null);
        return string.Join(',', known.Select(method => (method.Forbidden ? "!" : "") + method.Npgsql)) is { Length: > 0 } text
            ? text
            : null;
    }

    /// <summary>As libpq writes what Npgsql has.</summary>
    public static string FromNpgsql(string value) =>
        string.Join(
            ',',
            Split(value)
                .Select(method =>
                    (method.Forbidden ? "!" : "")
                    + (
                        Methods.FirstOrDefault(known => string.Equals(known.Npgsql, method.Name, StringComparison.OrdinalIgnoreCase)).Libpq
                        ?? method.Name
                    )
                )
        );

    private static List<(string Name, bool Forbidden)> Split(string value) =>
        [
            .. value
                .Split(',')
                .Select(method => method.Trim())
                .Select(method => method.StartsWith('!') ? (method[1..].Trim(), true) : (method, false)),
        ];
}
