using System.Globalization;

namespace Traktor.Engine.Postgres;

/// <summary>
/// Versions of PostgreSQL by <c>server_version_num</c>: the text of <c>server_version</c> is the packager's own ("15.18 (Debian …)") and no number.
/// </summary>
public static class ServerVersion
{
    /// <summary>The oldest version that a node may run: the first whose subscriptions tell a peer's own rows from forwarded ones (<c>origin = none</c>).</summary>
    public const int Oldest = 160000;

    /// <summary>The newest major that this release was tested with.</summary>
    public const int NewestTested = 18;

    /// <summary>Major and minor as people write them, 160014 → 16.14.</summary>
    public static string Text(int versionNum) => string.Create(CultureInfo.InvariantCulture, $"{versionNum / 10000}.{versionNum % 10000}");

    /// <summary>The same as a number with its digits kept, so that 16.10 is not 16.1.</summary>
    public static decimal Number(int versionNum) => decimal.Parse(Text(versionNum), CultureInfo.InvariantCulture);

    /// <summary>The refusal for a server that is too old.</summary>
    public static RefusedException? WhyRefused(int versionNum, string server) => versionNum >= Oldest
        ? null
        : RefusedException.Preflight(
            $"{server} runs PostgreSQL {Text(versionNum)}; Traktor needs 16 or newer, because older servers cannot tell a peer's own rows from rows that it forwards.",
            "Upgrade that server to PostgreSQL 16 or newer.");
}
