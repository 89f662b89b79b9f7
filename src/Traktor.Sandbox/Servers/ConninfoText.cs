using System.Globalization;

namespace Traktor.Sandbox.Servers;

/// <summary>
/// Writes libpq connection strings, see
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE"/>.
/// </summary>
internal static class ConninfoText
{
    /// <summary>For <paramref name="server"/>, or for a relay to it on another <paramref name="port"/>.</summary>
    public static string For(IPostgresServer server, int port, string database, string? user, string? password)
    {
        user ??= server.Superuser;
        if (password is null && user == server.Superuser)
            password = server.Password;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"host={server.Host} port={port} user={Value(user)} dbname={Value(database)}"
        );
        return password is null ? text : text + " password=" + Value(password);
    }

    internal static string Value(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            ? value
            : "'" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
