namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// <c>require_auth</c>: the authentication methods that are allowed or, with a '!', forbidden. See
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH"/>.
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
                $"Valid methods, separated by commas, are: {string.Join(", ", Methods.Select(known => known.Libpq))}."
            );
        if (methods.Any(method => method.Forbidden) && !methods.All(method => method.Forbidden))
            throw RefusedException.Malformed(
                "The value of 'require_auth' in the connection string allows some methods and forbids others.",
                "List either the allowed methods, or the forbidden ones with a '!' before each."
            );
        if (methods.All(method => method is { Name: Oauth, Forbidden: false }))
            throw RefusedException.Malformed(
                "require_auth=oauth is not supported: the arbiter cannot log in with OAuth.",
                "Use a role with a password or a certificate."
            );
    }

    /// <summary>The value for Npgsql; null when only OAuth is left, which Npgsql does not support.</summary>
    public static string? ToNpgsql(string value)
    {
        var known = Split(value)
            .Select(method => (method.Forbidden, Methods.First(known => known.Libpq == method.Name).Npgsql))
            .Where(method => method.Npgsql is not null);
        return string.Join(',', known.Select(method => (method.Forbidden ? "!" : "") + method.Npgsql)) is { Length: > 0 } text
            ? text
            : null;
    }

    /// <summary>The libpq value for Npgsql's.</summary>
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
