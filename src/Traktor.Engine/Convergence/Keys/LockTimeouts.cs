using Npgsql;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>
/// How long the sessions of convergence wait for a row or a table that an application keeps locked: briefly, so that
/// others are not delayed.
/// </summary>
internal static class LockTimeouts
{
    /// <summary>The sessions' <c>lock_timeout</c>.</summary>
    public const string Usual = "250ms";

    /// <summary>
    /// The commands of <c>OwnerSession.CommandsAsync</c>, of which the first waits for a shorter time only: for one of
    /// many rows that are tried in turn. The check that follows it expects the session's own settings.
    /// </summary>
    public static IEnumerable<NpgsqlBatchCommand> Briefly(IReadOnlyList<NpgsqlBatchCommand> commands) =>
        [
            new NpgsqlBatchCommand("set local lock_timeout = '50ms'"),
            commands[0],
            new NpgsqlBatchCommand($"set local lock_timeout = '{Usual}'"),
            .. commands.Skip(1),
        ];
}
