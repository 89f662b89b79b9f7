using System.Text;
using System.Text.RegularExpressions;

namespace Traktor.Sandbox.Servers;

/// <summary>
/// The settings of a sandbox server: enough slots, senders and workers for a mesh, with little load. Settings that
/// would change how a server behaves (timeouts, retry intervals, synchronous_commit …) keep their defaults.
/// </summary>
internal static partial class ServerSettings
{
    /// <summary>The sandbox's settings, overridden by the caller's.</summary>
    /// <exception cref="ArgumentException">A name is invalid, or only the sandbox may set it.</exception>
    public static IReadOnlyDictionary<string, string> Merge(int major, IReadOnlyDictionary<string, string>? own)
    {
        var merged = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["wal_level"] = "logical",
            ["track_commit_timestamp"] = "on",
            ["max_wal_senders"] = "40",
            ["max_replication_slots"] = "40",
            ["max_worker_processes"] = "60",
            ["max_logical_replication_workers"] = "40",
            ["max_connections"] = "200",
            ["shared_buffers"] = "64MB",
            ["fsync"] = "off",
        };

        // Up to 17 max_replication_slots also limits origins; 18 has a separate setting for them, 10 by default.
        if (major >= 18)
            merged["max_active_replication_origins"] = "40";
        foreach (var (name, value) in own ?? new Dictionary<string, string>())
        {
            if (!SettingName().IsMatch(name))
                throw new ArgumentException($"'{name}' is not the name of a setting.", nameof(own));
            if (name.Equals("port", StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException("The sandbox chooses the port itself.", nameof(own));
            merged[name] = value;
        }

        return merged;
    }

    /// <summary>Lines for postgresql.conf, where the last line of a name counts.</summary>
    public static string Lines(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var lines = new StringBuilder();
        foreach (var (name, value) in settings)
            lines
                .Append(name)
                .Append(" = '")
                .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal))
                .Append("'\n");
        return lines.ToString();
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_$]*)*$")]
    private static partial Regex SettingName();
}
