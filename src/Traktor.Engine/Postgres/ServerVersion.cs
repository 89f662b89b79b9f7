using System.Globalization;

namespace Traktor.Engine.Postgres;

/// <summary>
/// PostgreSQL versions by <c>server_version_num</c>. The text of <c>server_version</c> depends on the packager ("15.18
/// (Debian …)") and is not a number.
/// </summary>
public static class ServerVersion
{
    /// <summary>The oldest version that a node may run, with Pre16Compatibility.</summary>
    public const int Oldest = 150000;

    /// <summary>The first version with <c>origin = none</c>, as receiver and as sender.</summary>
    public const int KnowsOrigin = 160000;

    /// <summary>The newest major version that this release was tested with.</summary>
    public const int NewestTested = 18;

    /// <summary>Major and minor version in the usual form, 160014 → 16.14.</summary>
    public static string Text(int versionNum) => string.Create(CultureInfo.InvariantCulture, $"{versionNum / 10000}.{versionNum % 10000}");

    /// <summary>The same as a number that keeps its digits, so that 16.10 differs from 16.1.</summary>
    public static decimal Number(int versionNum) => decimal.Parse(Text(versionNum), CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether a receiver needs the sender's marks: unless both know origins, forwarded rows are sent too.
    /// </summary>
    public static bool NeedsMarks(int receiver, int sender) => receiver < KnowsOrigin || sender < KnowsOrigin;

    /// <summary>The refusal for a server that is too old.</summary>
    /// <param name="versionNum">Its <c>server_version_num</c>.</param>
    /// <param name="server">The server's name in the sentence.</param>
    /// <param name="pre16Compatibility">Whether this arbiter runs with Pre16Compatibility = True.</param>
    public static RefusedException? WhyRefused(int versionNum, string server, bool pre16Compatibility) =>
        versionNum switch
        {
            < Oldest => RefusedException.Preflight(
                $"{server} runs PostgreSQL {Text(versionNum)}; Traktor needs 15 or newer.",
                "Upgrade that server to PostgreSQL 16 or newer."
            ),
            < KnowsOrigin when !pre16Compatibility => RefusedException.Preflight(
                $"{server} runs PostgreSQL {Text(versionNum)}, which cannot tell a peer's own rows from forwarded ones, and "
                    + $"Pre16Compatibility is False on this node.",
                "Set Pre16Compatibility = True in every node's arbiter.ini, or upgrade that server to PostgreSQL 16 or newer."
            ),
            _ => null,
        };
}
