using System.Globalization;
using System.Text.RegularExpressions;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// The names of everything that Traktor creates in PostgreSQL. Each derived name is made here and nowhere else.
/// </summary>
public static partial class ObjectNames
{
    /// <summary>The schema of Traktor's own tables.</summary>
    public const string Schema = "trktr";

    /// <summary>
    /// The schema of the routines that the arbiter makes for users' tables; closed to every other role.
    /// </summary>
    public const string RoutineSchema = "trktr_routine";

    /// <summary>What a node offers to all its peers.</summary>
    public const string Publication = "trktr_pub";

    /// <summary>The marks of this node's own transactions, for peers that must tell them from forwarded ones.</summary>
    public const string OriginMarksPublication = "trktr_pub_origin_marks";

    /// <summary>The table of those marks.</summary>
    public static TableName Marks { get; } = new(Schema, "origin_mark");

    /// <summary>Marks a transaction that writes a table.</summary>
    public const string MarkTrigger = "trktr_mark";

    /// <summary>Stores the name of a table that a TRUNCATE will truncate.</summary>
    public const string BeforeTruncateTrigger = "trktr_truncating";

    /// <summary>Sends the tables that a TRUNCATE truncated.</summary>
    public const string AfterTruncateTrigger = "trktr_truncated";

    /// <summary>Drops forwarded rows. Triggers fire in the order of their names, and this must be the first.</summary>
    public const string FilterTrigger = "!trktr_filter";

    /// <summary>Traktor's tables that a subscriber of this release requests from its publisher.</summary>
    public static readonly string[] OfferedTables = ["heartbeat", "winner"];

    /// <summary>Detects applied updates that overwrite a version which their writer may not have seen.</summary>
    public const string DetectUpdateTrigger = "trktr_detect_update";

    /// <summary>The same for applied deletes.</summary>
    public const string DetectDeleteTrigger = "trktr_detect_delete";

    /// <summary>Detects changes of keys in the application's own sessions.</summary>
    public const string KeyTrigger = "trktr_detect_key_change";

    /// <summary>
    /// The channel on which a node notifies its peers' arbiters, which listen in its database, of changes of the
    /// replicaset.
    /// </summary>
    public const string Channel = "trktr";

    /// <summary>
    /// The subscription of <paramref name="local"/> to <paramref name="inbound"/>; its slot on the peer has the same
    /// name.
    /// </summary>
    public static string Subscription(int local, int inbound) =>
        string.Create(CultureInfo.InvariantCulture, $"trktr_sub_{local}_{inbound}");

    /// <summary>
    /// Tables that only <paramref name="subscriber"/> receives: those opened with force before every peer had them.
    /// </summary>
    public static string PublicationFor(int subscriber) => string.Create(CultureInfo.InvariantCulture, $"trktr_pub_to_{subscriber}");

    /// <summary>The replication origin that PostgreSQL creates for a subscription.</summary>
    public static string Origin(uint subscriptionOid) => string.Create(CultureInfo.InvariantCulture, $"pg_{subscriptionOid}");

    /// <summary>
    /// The replication origin under which a session copies rows of another node's snapshot. Origins belong to the whole
    /// server, so the name contains the database's oid.
    /// </summary>
    public static string CopyOrigin(int session, long databaseOid) =>
        string.Create(CultureInfo.InvariantCulture, $"trktr_copy_{session}_{databaseOid}");

    /// <summary>The application_name of an arbiter's session on a peer, by which the peer recognises it.</summary>
    public static string WorkerSession(int local, int inbound) => Subscription(local, inbound) + "_worker";

    /// <summary>The application_name of the sessions that resolve silent conflicts.</summary>
    public static string ConvergenceSession(int node) => string.Create(CultureInfo.InvariantCulture, $"traktor_{node}_convergence");

    /// <summary>Parses a subscription's or slot's name; null when it is not Traktor's.</summary>
    public static (int Local, int Inbound)? ParseSubscription(string name) =>
        SubscriptionPattern().Match(name) is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var local)
        && int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var inbound)
            ? (local, inbound)
            : null;

    [GeneratedRegex(@"^trktr_sub_(\d{1,5})_(\d{1,5})\z")]
    private static partial Regex SubscriptionPattern();
}
