using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Api.Status;

/// <summary>
/// Writes Prometheus' text format (version 0.0.4). An unknown number is left out, not written as 0: an unknown lag must
/// not look like no lag.
/// </summary>
public static class MetricsPage
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Render(NodeStatus status, IReadOnlyList<SubscriptionStatus> subscriptions)
    {
        var page = new StringBuilder();
        var node = $"node=\"{status.Node}\"";
        var server = status.ServerVersion?.ToString(CultureInfo.InvariantCulture) ?? "";
        Family(page, "traktor_info", "gauge", "This arbiter and its server; always 1.", [($"{node},server_version=\"{server}\"", 1)]);
        Family(page, "traktor_postgres_up", "gauge", "Whether PostgreSQL answered the last query.", [(node, Flag(status.IsReachable))]);
        Family(page, "traktor_initialized", "gauge", "Whether the node is initialised.", [(node, Flag(status.IsInitialized))]);
        Family(
            page,
            "traktor_replicating",
            "gauge",
            "Whether all subscriptions of the node stream or catch up.",
            [(node, Flag(status.IsReplicating))]
        );
        Family(
            page,
            "traktor_tainted",
            "gauge",
            "Whether a conflict waits for a decision, a change could not be processed, a subscription has an apply error, or a "
                + "worker has been failing for 10 s.",
            [(node, Flag(status.IsTainted))]
        );
        Family(page, "traktor_conflicts_pending", "gauge", "Conflicts that wait for a decision.", [(node, status.ConflictsPending)]);
        Family(page, "traktor_conflicts_resolved_total", "counter", "Conflicts resolved so far.", [(node, status.ConflictsResolved)]);
        Family(
            page,
            "traktor_overwrite_log_entries",
            "gauge",
            "Entries of trktr.overwrite_log that wait to be processed.",
            [(node, status.Convergence.Overwrites)]
        );
        Family(page, "traktor_contested_keys", "gauge", "Rows of trktr.contested_key.", [(node, status.Convergence.Contested)]);
        Family(
            page,
            "traktor_winners_waiting",
            "gauge",
            "Rows of trktr.winner from other nodes that wait to be processed.",
            [(node, status.Convergence.Winners)]
        );
        Family(page, "traktor_changes_set_aside", "gauge", "Rows of trktr.set_aside.", [(node, status.Convergence.SetAside)]);
        Family(
            page,
            "traktor_failing_workers",
            "gauge",
            "Workers of the arbiter whose last rounds failed.",
            [(node, status.FailingWorkers.Count)]
        );
        Family(page, "traktor_status_timestamp_seconds", "gauge", "When the server last answered.", [(node, Seconds(status.AsOf))]);

        (string Labels, double? Value) Each(SubscriptionStatus s, double? value) => ($"{node},peer=\"{s.InboundNode}\"", value);
        Family(page, "traktor_subscription_state", "gauge", "1 for the state that the subscription is in.", States(node, subscriptions));
        Family(
            page,
            "traktor_subscription_lag_seconds",
            "gauge",
            "Lag of the subscription in time.",
            subscriptions.Select(s => Each(s, s.LagMs / 1000))
        );
        Family(
            page,
            "traktor_subscription_lag_bytes",
            "gauge",
            "WAL of the peer that this node has not confirmed.",
            subscriptions.Select(s => Each(s, s.LagBytes))
        );
        Family(
            page,
            "traktor_subscription_wal_retained_bytes",
            "gauge",
            "WAL that the slot keeps on the peer.",
            subscriptions.Select(s => Each(s, s.WalRetainedBytes))
        );
        Family(
            page,
            "traktor_subscription_last_contact_timestamp_seconds",
            "gauge",
            "When the peer last answered.",
            subscriptions.Select(s => Each(s, Seconds(s.LastContactAt)))
        );
        Family(
            page,
            "traktor_subscription_last_heartbeat_timestamp_seconds",
            "gauge",
            "When the peer's last heartbeat was applied here.",
            subscriptions.Select(s => Each(s, Seconds(s.LastHeartbeat)))
        );
        Family(
            page,
            "traktor_subscription_catch_up_seconds",
            "gauge",
            "Time until everything is confirmed, at the present rate.",
            subscriptions.Select(s => Each(s, s.CatchUpMs / 1000))
        );
        Family(
            page,
            "traktor_subscription_clock_offset_seconds",
            "gauge",
            "The peer's clock minus this server's clock.",
            subscriptions.Select(s => Each(s, s.ClockOffsetMs / 1000))
        );
        Family(page, "traktor_subscription_tables", "gauge", "User tables received.", subscriptions.Select(s => Each(s, s.Tables)));

        Family(page, "process_resident_memory_bytes", "gauge", "Memory of the arbiter's process.", [("", Environment.WorkingSet)]);
        Family(
            page,
            "process_cpu_seconds_total",
            "counter",
            "Processor time of the arbiter's process.",
            [("", Environment.CpuUsage.TotalTime.TotalSeconds)]
        );
        Family(page, "process_start_time_seconds", "gauge", "When the arbiter's process started.", [("", Started)]);
        return page.ToString();
    }

    private static readonly double Started = StartTime();

    private static IEnumerable<(string Labels, double? Value)> States(string node, IReadOnlyList<SubscriptionStatus> subscriptions) =>
        from s in subscriptions
        from state in Enum.GetValues<SubscriptionState>()
        let name = JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString())
        select ($"{node},peer=\"{s.InboundNode}\",state=\"{name}\"", (double?)Flag(s.State == state));

    private static void Family(
        StringBuilder page,
        string name,
        string type,
        string help,
        IEnumerable<(string Labels, double? Value)> samples
    )
    {
        var header = true;
        foreach (var (labels, value) in samples)
        {
            if (value is not { } number)
                continue;
            if (header)
                page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            header = false;
            page.Append(name);
            if (labels.Length > 0)
                page.Append('{').Append(labels).Append('}');
            page.Append(' ').Append(number.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private static double Flag(bool value) => value ? 1 : 0;

    private static double? Seconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() / 1000.0;

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }
}
