namespace Traktor.Engine.Conflicts;

/// <summary>Reads the stamp of a row in SQL.</summary>
internal static class StampSql
{
    /// <summary>
    /// A FROM item <c>s(ts, ro)</c> for the row <c>t</c>: its commit timestamp and replication origin, both null where
    /// the server has forgotten them or keeps none.
    /// </summary>
    /// <param name="tracksCommits">Whether this server keeps commit timestamps.</param>
    public static string Of(bool tracksCommits) =>
        tracksCommits
            ? $"cross join lateral (select case when a.ts >= {Stamp.LeastKnownSql} then a.ts end, "
                + "(pg_xact_commit_timestamp_origin(t.xmin)).roident from trktr.stamped_at(t.tableoid, t.xmin) a(ts)) s(ts, ro)"
            : "cross join (values (null::timestamptz, null::oid)) s(ts, ro)";

    /// <summary>The NodeID that belongs to it.</summary>
    public const string Node = "case when s.ts is not null then trktr.node_of(s.ro) end";

    /// <summary>The timestamp as text, in UTC.</summary>
    public const string Text = "to_char(s.ts at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
}
