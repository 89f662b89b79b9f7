using System.Globalization;

namespace Traktor.Engine.Postgres;

/// <summary>
/// Versions of PostgreSQL by <c>server_version_num</c>: the text of <c>server_version</c> is the packager's own ("15.18
/// (Debian …)") and no number.
/// </summary>
public static class ServerVersion
{
    /// <summary>The oldest version that a node may run, with Pre16Compatibility.</summary>
    public const int Oldest = 150000;

    /// <summary>
    /// The first version whose subscriptions tell a peer's own rows from forwarded ones (<c>origin = none</c>), as
    /// receiver and as sender.
    /// </summary>
    public const int KnowsOrigin = 160000;

    /// <summary>The newest major that this release was tested with.</summary>
    public const int NewestTested = 18;

    /// <summary>Major and minor as people write them, 160014 → 16.14.</summary>
    public static string Text(int versionNum) => string.Create(CultureInfo.InvariantCulture, $"{versionNum / 10000}.{versionNum % 10000}");

    /// <summary>The same as a number with its digits kept, so that 16.10 is not 16.1.</summary>
    public static decimal Number(int versionNum) => decimal.Parse(Text(versionNum), CultureInfo.InvariantCulture);

    /// <summary>Whether what one sends to the other may be forwarded: each has to know origins for that it is not.</summary>
    public static bool NeedsMarks(int receiver, int sender) => receiver < KnowsOrigin || sender < KnowsOrigin;

    /// <summary>The refusal for a server that is too old.</summary>
    /// <param name="versionNum">Its <c>server_version_num</c>.</param>
    /// <param name="server">What it is called in a sentence.</param>
    /// <param name="pre16Compatibility">Whether this arbiter runs with Pre16Compatibility = True.</param>
    public static RefusedException? WhyRefused(int versionNum, string server, bool pre16Compatibility) =>
        versionNum switch
        {
            < Oldest => RefusedException.Preflight(
                $"{server} runs PostgreSQL {Text(versionNum)}; Traktor needs 15 or newer.",
                "Upgrade that server to PostgreSQL 16 or newer."
            ),
            < KnowsOrigin when !pre16Compatibility => RefusedException.Preflight(
                $"{server} runs PostgreSQL {Text(versionNum)}, which cannot tell a peer's own rows from rows that it forwards, "
                    + $"and Pre16Compatibility is False here.",
                "Set Pre16Compatibility = True in every node's arbiter.ini, or upgrade that server to PostgreSQL 16 or newer."
            ),
            _ => null,
        };
}
