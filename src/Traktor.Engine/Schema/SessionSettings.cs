namespace Traktor.Engine.Schema;

/// <summary>
/// The settings by which sessions of a node's database tell our triggers and functions something. PostgreSQL takes any
/// name with a dot; one that was never set is null or empty. Statements in <c>.sql</c> files hold the names as they are
/// here. README.md beside this file says who sets and reads which, and how long each value stays.
/// </summary>
public static class SessionSettings
{
    /// <summary>
    /// <c>search_path</c> of every session of ours, as <c>current_setting</c> writes it: no schema in which others may create, and
    /// temporary objects last. See https://www.postgresql.org/docs/current/sql-createfunction.html, "Writing SECURITY
    /// DEFINER Functions Safely".
    /// </summary>
    public const string PinnedPath = "pg_catalog, pg_temp";

    /// <summary>The node whose stream the session applies; <c>none</c> where it applies none.</summary>
    public const string Peer = "trktr.peer";

    /// <summary>The replication origin (roident) of that stream; 4294967295 where there is none.</summary>
    public const string Origin = "trktr.origin";

    /// <summary>Every node has every row version whose xmin is older than this transaction; 0 when nothing is known.</summary>
    public const string StableXid = "trktr.stable_xid";

    /// <summary><c>on</c>: the overwrite log was empty at the last heartbeat, and the session has logged nothing since.</summary>
    public const string OverwriteLogEmpty = "trktr.overwrite_log_empty";

    /// <summary>The table (<c>schema.name</c>) whose overwrites the writing statement logs itself, without the triggers.</summary>
    public const string LoggedTable = "trktr.logged_table";

    /// <summary>Which of the rows that it overwrites the healer records in the history: <c>later</c>, <c>all</c>, <c>final</c>.</summary>
    public const string HealerRecords = "trktr.healer_records";

    /// <summary><c>on</c>: the session brings rows to versions that were decided, which is not news to the triggers.</summary>
    public const string Restoring = "trktr.restoring";

    /// <summary>How many rows the statement before wrote.</summary>
    public const string RowsWritten = "trktr.rows_written";

    /// <summary><c>on</c>: the session writes values in the formats of images, which saves the triggers setting them.</summary>
    public const string ImageFormats = "trktr.image_formats";

    /// <summary>The transaction that was marked last.</summary>
    public const string MarkedXid = "trktr.marked_xid";

    /// <summary>Whether rows that the session applies are taken: <c>pass</c> or <c>drop</c>.</summary>
    public const string StreamFilter = "trktr.stream_filter";

    /// <summary>The tables that the running TRUNCATE empties, a JSON array of [schema, table].</summary>
    public const string TruncatedTables = "trktr.truncated_tables";
}
