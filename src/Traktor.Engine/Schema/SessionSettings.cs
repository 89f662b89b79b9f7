namespace Traktor.Engine.Schema;

/// <summary>
/// The settings with which sessions of a node's database inform Traktor's triggers and functions. PostgreSQL accepts
/// any name with a dot; one that was never set is null or empty. Statements in <c>.sql</c> files repeat the names.
/// README.md in this folder says who sets and reads each, and its lifetime.
/// </summary>
public static class SessionSettings
{
    /// <summary>The node whose stream the session applies; <c>none</c> where it applies none.</summary>
    public const string Peer = "trktr.peer";

    /// <summary>The replication origin (roident) of that stream; 4294967295 if there is none.</summary>
    public const string Origin = "trktr.origin";

    /// <summary>The stable xid: every node has all row versions with an older xmin; 0 when not known.</summary>
    public const string StableXid = "trktr.stable_xid";

    /// <summary>
    /// <c>on</c>: the overwrite log was empty at the last heartbeat, and the session has logged nothing since.
    /// </summary>
    public const string OverwriteLogEmpty = "trktr.overwrite_log_empty";

    /// <summary>
    /// The table (<c>schema.name</c>) whose overwrites the writing statement logs itself, in place of the triggers.
    /// </summary>
    public const string LoggedTable = "trktr.logged_table";

    /// <summary>
    /// Which overwritten rows the healer records in the history: <c>later</c>, <c>all</c>, <c>final</c>.
    /// </summary>
    public const string HealerRecords = "trktr.healer_records";

    /// <summary><c>on</c>: the session writes decided versions, which the triggers do not log.</summary>
    public const string Restoring = "trktr.restoring";

    /// <summary>How many rows the previous statement wrote.</summary>
    public const string RowsWritten = "trktr.rows_written";

    /// <summary>
    /// <c>on</c>: the session's output formats are those of images, so that the triggers need not set them.
    /// </summary>
    public const string ImageFormats = "trktr.image_formats";

    /// <summary>The transaction that was marked last.</summary>
    public const string MarkedXid = "trktr.marked_xid";

    /// <summary>Whether rows that the session applies are kept: <c>pass</c> or <c>drop</c>.</summary>
    public const string StreamFilter = "trktr.stream_filter";

    /// <summary>The tables that the running TRUNCATE truncates, a JSON array of [schema, table].</summary>
    public const string TruncatedTables = "trktr.truncated_tables";
}
