using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// A libpq connection string, parsed and validated; immutable. Where libpq reads missing values from elsewhere, fixed
/// values apply: host localhost, port 5432, the database named as the user. A user is required. As in libpq, of
/// repeated keywords the last counts, and an empty value counts as missing. See
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html"/>.
/// </summary>
public sealed class Conninfo : IEquatable<Conninfo>
{
    public const int DefaultPort = 5432;

    /// <summary>The longest accepted connection string, in bytes of UTF-8.</summary>
    public const int MaxBytes = 8192;

    private const string Mask = Secrets.Mask;
    private readonly ImmutableSortedDictionary<string, string> settings;

    private Conninfo(ImmutableSortedDictionary<string, string> settings)
    {
        ConninfoRules.Check(settings);
        Hosts = ConninfoRules.Hosts(settings);
        this.settings = settings;
    }

    /// <summary>The servers, in the order in which they are tried; never empty.</summary>
    public IReadOnlyList<ConninfoHost> Hosts { get; }

    /// <summary>The first server's name.</summary>
    public string Host => Hosts[0].Name;

    /// <summary>The first server's port.</summary>
    public int Port => Hosts[0].Port;

    public string User => settings["user"];

    /// <summary>The database's name; by default the user's.</summary>
    public string Database => Get("dbname") ?? User;

    /// <summary>The password in plain text; null when there is none. Never show it.</summary>
    public string? Password => Get("password");

    /// <summary>The keywords that are set, in alphabetical order.</summary>
    public IEnumerable<string> Keywords => settings.Keys;

    /// <summary>Parses the keyword/value form or the URI form.</summary>
    /// <exception cref="RefusedException">Malformed; the message never repeats a value of the string.</exception>
    public static Conninfo Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw RefusedException.Malformed(
                "The connection string is empty.",
                "For example host=127.0.0.1 port=5432 user=traktor_arbiter password=… dbname=shop."
            );
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
            throw RefusedException.Malformed($"The connection string is longer than {MaxBytes} bytes.");

        if (!Quote.IsWellFormed(text))
            throw HalfPair();

        var trimmed = text.Trim();
        return From(ConninfoUri.IsUri(trimmed) ? ConninfoUri.Parse(trimmed) : ConninfoParser.Parse(text));
    }

    /// <summary>Builds a connection string from keywords and values; empty values count as missing.</summary>
    /// <exception cref="RefusedException">Malformed, as for <see cref="Parse"/>.</exception>
    public static Conninfo From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (keyword, value) in pairs)
        {
            if (keyword == "requiressl")
                Set(settings, "sslmode", value == "1" ? "require" : "prefer");
            else
                Set(settings, keyword, value);
        }

        return new Conninfo(settings.ToImmutable());
    }

    /// <summary>The value of a keyword; null when it is missing.</summary>
    public string? Get(string keyword) => settings.GetValueOrDefault(keyword);

    /// <summary>A copy with one keyword changed; null or an empty value removes it.</summary>
    /// <exception cref="RefusedException">Malformed, as for <see cref="Parse"/>.</exception>
    public Conninfo With(string keyword, string? value)
    {
        var changed = settings.ToBuilder();
        Set(changed, keyword, value ?? "");
        return new Conninfo(changed.ToImmutable());
    }

    /// <summary>A copy for only one of its servers.</summary>
    public Conninfo For(ConninfoHost host)
    {
        var changed = settings.ToBuilder();
        Set(changed, "host", host.Name);
        Set(changed, "hostaddr", host.Address ?? "");
        Set(changed, "port", host.Port.ToString(CultureInfo.InvariantCulture));
        return new Conninfo(changed.ToImmutable());
    }

    /// <summary>The keyword/value form with secrets in plain text, only for <c>CREATE SUBSCRIPTION</c>.</summary>
    public string ToConninfo() => Text(pair => ConninfoParser.Quote(pair.Value));

    /// <summary>The keyword/value form for display, with secrets masked.</summary>
    public override string ToString() => Text(pair => ConninfoKeywords.Known(pair.Key).IsSecret ? Mask : ConninfoParser.Quote(pair.Value));

    /// <summary>
    /// Whether both lead to the same servers, database and user with the same settings, however they were written;
    /// defaults count as missing.
    /// </summary>
    public bool Equals(Conninfo? other) =>
        other is not null && Hosts.SequenceEqual(other.Hosts) && Database == other.Database && Rest().SequenceEqual(other.Rest());

    public override bool Equals(object? obj) => Equals(obj as Conninfo);

    public override int GetHashCode() => HashCode.Combine(Host, Port, Database, User);

    private IEnumerable<KeyValuePair<string, string>> Rest() =>
        settings
            .Where(pair =>
                pair.Key is not ("host" or "hostaddr" or "port" or "dbname" or "sslmode")
                && pair.Value != ConninfoKeywords.Known(pair.Key).Default
            )
            .Append(new("sslmode", ConninfoTls.Keyword(ConninfoTls.Mode(this))));

    private static void Set(ImmutableSortedDictionary<string, string>.Builder settings, string keyword, string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal) || keyword.Contains('\0', StringComparison.Ordinal))
            throw RefusedException.Malformed("The connection string contains a NUL character, which PostgreSQL does not allow.");
        if (!Quote.IsWellFormed(value))
            throw HalfPair();

        // .NET connection strings drop the line break silently, and the login would fail without a visible reason.
        if (value.EndsWith('\n'))
            throw RefusedException.Malformed(
                "A value of the connection string ends with a line break.",
                "Remove the line break; files and variables that hold a password often end with one."
            );
        ConninfoKeywords.Known(keyword);
        if (value.Length == 0)
            settings.Remove(keyword);
        else
            settings[keyword] = value;
    }

    private static RefusedException HalfPair() =>
        RefusedException.Malformed("The connection string contains half of a surrogate pair, which is not a character.");

    private string Text(Func<KeyValuePair<string, string>, string> value) =>
        string.Join(' ', settings.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={value(pair)}")));
}
