using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// A libpq connection string, read and checked; immutable. What libpq takes from elsewhere when it is absent has a
/// fixed value here: host localhost, port 5432, database named as the user. A user is required. Of a keyword that is
/// given twice the last counts, and an empty value is an absent one, as for libpq. See
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html"/>.
/// </summary>
public sealed class Conninfo : IEquatable<Conninfo>
{
    public const int DefaultPort = 5432;

    /// <summary>Longest connection string that is read, in bytes of UTF-8.</summary>
    public const int MaxBytes = 8192;

    private const string Mask = Secrets.Mask;
    private readonly ImmutableSortedDictionary<string, string> settings;

    private Conninfo(ImmutableSortedDictionary<string, string> settings)
    {
        ConninfoRules.Check(settings);
        Hosts = ConninfoRules.Hosts(settings);
        this.settings = settings;
    }

    /// <summary>The servers in the order they are tried; never empty.</summary>
    public IReadOnlyList<ConninfoHost> Hosts { get; }

    /// <summary>Name of the first server.</summary>
    public string Host => Hosts[0].Name;

    /// <summary>Port of the first server.</summary>
    public int Port => Hosts[0].Port;

    public string User => settings["user"];

    /// <summary>Name of the database; the user's when absent.</summary>
    public string Database => Get("dbname") ?? User;

    /// <summary>The password in plain text; null when absent. Never show it.</summary>
    public string? Password => Get("password");

    /// <summary>The keywords that are set, in alphabetical order.</summary>
    public IEnumerable<string> Keywords => settings.Keys;

    /// <summary>Reads the keyword/value form or the URI form.</summary>
    /// <exception cref="RefusedException">Malformed, in a sentence that never repeats a value of the string.</exception>
    public static Conninfo Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw RefusedException.Malformed(
                "The connection string is empty.",
                "For instance host=127.0.0.1 port=5432 user=traktor_arbiter password=… dbname=shop."
            );
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
            throw RefusedException.Malformed($"The connection string is longer than {MaxBytes} bytes.");

        if (!Quote.IsWellFormed(text))
            throw HalfPair();

        var trimmed = text.Trim();
        return From(ConninfoUri.IsUri(trimmed) ? ConninfoUri.Parse(trimmed) : ConninfoParser.Parse(text));
    }

    /// <summary>Builds one of keywords and values; empty values count as absent.</summary>
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

    /// <summary>The value of a keyword; null when it is absent.</summary>
    public string? Get(string keyword) => settings.GetValueOrDefault(keyword);

    /// <summary>The same with one keyword changed; null or an empty value removes it.</summary>
    /// <exception cref="RefusedException">Malformed, as for <see cref="Parse"/>.</exception>
    public Conninfo With(string keyword, string? value)
    {
        var changed = settings.ToBuilder();
        Set(changed, keyword, value ?? "");
        return new Conninfo(changed.ToImmutable());
    }

    /// <summary>The same for one of its servers only.</summary>
    public Conninfo For(ConninfoHost host)
    {
        var changed = settings.ToBuilder();
        Set(changed, "host", host.Name);
        Set(changed, "hostaddr", host.Address ?? "");
        Set(changed, "port", host.Port.ToString(CultureInfo.InvariantCulture));
        return new Conninfo(changed.ToImmutable());
    }

    /// <summary>Keyword/value form with the secrets in plain text, for <c>CREATE SUBSCRIPTION</c> only.</summary>
    public string ToConninfo() => Text(pair => ConninfoParser.Quote(pair.Value));

    /// <summary>Keyword/value form to show: secrets are masked.</summary>
    public override string ToString() => Text(pair => ConninfoKeywords.Known(pair.Key).IsSecret ? Mask : ConninfoParser.Quote(pair.Value));

    /// <summary>
    /// Whether both lead to the same servers, database and user with the same settings, however they were written;
    /// defaults count as absent.
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
            throw RefusedException.Malformed("The connection string holds a NUL character, which PostgreSQL cannot.");
        if (!Quote.IsWellFormed(value))
            throw HalfPair();

        // .NET's connection strings lose it silently, and the login would fail without a reason to be seen.
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
        RefusedException.Malformed("The connection string holds half of a surrogate pair, which is no character.");

    private string Text(Func<KeyValuePair<string, string>, string> value) =>
        string.Join(' ', settings.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={value(pair)}")));
}
