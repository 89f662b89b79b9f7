using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Monitoring;

/// <summary>
/// How much waits on this node until rows that were written on two nodes are equal everywhere. Each is counted up to
/// <see cref="Most"/> and estimated beyond.
/// </summary>
/// <param name="Overwrites">Changes that overwrote a version which their writer may not have seen.</param>
/// <param name="Contested">Contested keys that not every node has acknowledged.</param>
/// <param name="Winners">Winners from other nodes.</param>
/// <param name="SetAside">What could not be processed.</param>
public sealed record ConvergenceBacklog(long Overwrites, long Contested, long Winners, long SetAside)
{
    /// <summary>
    /// From this number on there is a finding and counting ends, because it runs twice a second and there may be
    /// millions while a node is unreachable. Larger numbers are from the server's statistics
    /// (<see href="https://www.postgresql.org/docs/current/monitoring-stats.html"/>).
    /// </summary>
    public const int Most = 10_000;

    /// <summary>An empty backlog.</summary>
    public static ConvergenceBacklog None { get; } = new(0, 0, 0, 0);

    public static Task<ConvergenceBacklog> ReadAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleAsync<ConvergenceBacklog>(
            new CommandDefinition(SqlFile.Read("Monitoring/read_convergence.sql"), new { most = Most }, cancellationToken: cancel)
        );

    /// <summary>A finding for each part that is large; none while all are small.</summary>
    public IEnumerable<Finding> Findings()
    {
        if (Overwrites >= Most)
            yield return new Finding(
                "overwrite_log",
                Severity.Warning,
                $"{Words(Overwrites)} changes of rows that were written on two nodes wait in trktr.overwrite_log.",
                "See the arbiter's log. If the nodes write the same rows all the time, that load is the cause."
            );
        if (Contested >= Most)
            yield return new Finding(
                "contested_keys",
                Severity.Warning,
                $"{Words(Contested)} contested keys wait in trktr.contested_key until every node has acknowledged them.",
                "Find the unreachable node, or drop the subscriptions to it if it will not return."
            );
        if (Winners >= Most)
            yield return new Finding(
                "winners",
                Severity.Warning,
                $"{Words(Winners)} winners from other nodes wait in trktr.winner.",
                "See the arbiter's log."
            );
    }

    private static string Words(long count) => $"About {count}";
}
