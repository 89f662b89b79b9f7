using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Monitoring;

/// <summary>
/// How much waits on this node until rows that were written in two places are equal everywhere; each is counted up to
/// <see cref="Most"/>, and is about right beyond.
/// </summary>
/// <param name="Overwrites">Changes that hit a version which their writer may not have known.</param>
/// <param name="Contested">Keys that are contested: remembered until every node has acknowledged.</param>
/// <param name="Winners">Winners of other nodes.</param>
public sealed record ConvergenceBacklog(long Overwrites, long Contested, long Winners)
{
    /// <summary>
    /// From here on it is worth a finding, and counting ends: that is done twice a second, and while a node is away
    /// there may be millions. What is more is what the server's statistics say
    /// (<see href="https://www.postgresql.org/docs/current/monitoring-stats.html"/>).
    /// </summary>
    public const int Most = 10_000;

    /// <summary>Nothing.</summary>
    public static ConvergenceBacklog None { get; } = new(0, 0, 0);

    public static Task<ConvergenceBacklog> ReadAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleAsync<ConvergenceBacklog>(
            new CommandDefinition(SqlFile.Read("Monitoring/read_convergence.sql"), new { most = Most }, cancellationToken: cancel)
        );

    /// <summary>A finding for each that has grown; nothing while all are small.</summary>
    public IEnumerable<Finding> Findings()
    {
        if (Overwrites >= Most)
            yield return new Finding(
                "overwrite_log",
                Severity.Warning,
                $"{Words(Overwrites)} changes of rows that were written in two places wait in trktr.overwrite_log.",
                "Look at the arbiter's log; under a load that contends for the same rows all the time it is the load."
            );
        if (Contested >= Most)
            yield return new Finding(
                "contested_keys",
                Severity.Warning,
                $"{Words(Contested)} contested keys are remembered in trktr.contested_key until every node has acknowledged them.",
                "Look for a node that cannot be reached, or end the subscriptions to it if it will not return."
            );
        if (Winners >= Most)
            yield return new Finding(
                "winners",
                Severity.Warning,
                $"{Words(Winners)} winners of other nodes wait in trktr.winner.",
                "Look at the arbiter's log."
            );
    }

    private static string Words(long count) => $"About {count}";
}
