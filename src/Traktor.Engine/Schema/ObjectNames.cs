using System.Globalization;
using System.Text.RegularExpressions;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>The names of everything that we create in PostgreSQL; each derived name is made here and nowhere else.</summary>
public static partial class ObjectNames
{
    /// <summary>The schema that holds our own tables.</summary>
    public const string Schema = "trktr";

    /// <summary>The schema of the routines that the arbiter makes for users' tables; closed to every other role.</summary>
    public const string RoutineSchema = "trktr_routine";

    /// <summary>What a node offers to all its peers.</summary>
    public const string Publication = "trktr_pub";

    /// <summary>The marks of this node's own transactions, for those peers that have to tell them from forwarded ones.</summary>
    public const string OriginMarksPublication = "trktr_pub_origin_marks";

    /// <summary>Our table of those marks.</summary>
    public static TableName Marks { get; } = new(Schema, "origin_mark");

    /// <summary>Marks a transaction that writes a table.</summary>
    public const string MarkTrigger = "trktr_mark";

    /// <summary>Notes a table that a TRUNCATE empties.</summary>
    public const string BeforeTruncateTrigger = "trktr_truncating";

    /// <summary>Sends what a TRUNCATE emptied.</summary>
    public const string AfterTruncateTrigger = "trktr_truncated";

    /// <summary>Drops forwarded rows. Triggers fire in the order of their names, and this one has to be the first.</summary>
    public const string FilterTrigger = "!trktr_filter";

    /// <summary>Our own tables that a subscriber of this release asks its publisher for.</summary>
    public static readonly string[] OfferedTables = ["heartbeat", "winner"];

    /// <summary>Sees applied updates that hit a version which their writer may not have known.</summary>
    public const string DetectUpdateTrigger = "trktr_detect_update";

    /// <summary>The same for applied deletes.</summary>
    public const string DetectDeleteTrigger = "trktr_detect_delete";

    /// <summary>Sees changes of keys in the application's own sessions.</summary>
    public const string KeyTrigger = "trktr_detect_key_change";

    /// <summary>The channel on which an arbiter tells its peers, in its own database, that the replicaset changed.</summary>
    public const string Channel = "trktr";

    /// <summary>
    /// The subscription by which <paramref name="local"/> receives from <paramref name="inbound"/>; its slot on the
    /// peer has the same name.
    /// </summary>
    public static string Subscription(int local, int inbound) =>
        string.Create(CultureInfo.InvariantCulture, $"trktr_sub_{local}_{inbound}");

    /// <summary>Tables that only <paramref name="subscriber"/> receives: those opened by force before every peer had them.</summary>
    public static string PublicationFor(int subscriber) => string.Create(CultureInfo.InvariantCulture, $"trktr_pub_to_{subscriber}");

    /// <summary>The replication origin that PostgreSQL makes for a subscription.</summary>
    public static string Origin(uint subscriptionOid) => string.Create(CultureInfo.InvariantCulture, $"pg_{subscriptionOid}");

    /// <summary>What an arbiter's session on a peer calls itself, so that the peer sees who is there.</summary>
    public static string WorkerSession(int local, int inbound) => Subscription(local, inbound) + "_worker";

    /// <summary>What the sessions call themselves in which an arbiter resolves silent conflicts.</summary>
    public static string ConvergenceSession(int node) => string.Create(CultureInfo.InvariantCulture, $"traktor_{node}_convergence");

    /// <summary>Reads a subscription's or slot's name back; null when it is none of ours.</summary>
    public static (int Local, int Inbound)? ParseSubscription(string name) =>
        SubscriptionPattern().Match(name) is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var local)
        && int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var inbound)
            ? (local, inbound)
            : null;

    [GeneratedRegex(@"^trktr_sub_(\d{1,5})_(\d{1,5})\z")]
    private static partial Regex SubscriptionPattern();
}
