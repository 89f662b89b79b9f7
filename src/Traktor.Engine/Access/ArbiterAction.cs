using System.Reflection;

namespace Traktor.Engine.Access;

/// <summary>Something that changes a node, and the least role that may do it.</summary>
/// <param name="Name">Its name, as the audit log has it.</param>
/// <param name="Least">The least role.</param>
/// <param name="Words">What is done, as the beginning of a sentence.</param>
/// <param name="IsPossibleWithoutSchema">Whether it can be done where there is no schema in which to record it.</param>
public sealed record ArbiterAction(string Name, Role Least, string Words, bool IsPossibleWithoutSchema = false)
{
    public static readonly ArbiterAction Initialize = new("initialize", Role.Admin, "Initialising a node", true);
    public static readonly ArbiterAction Uninitialize = new("uninitialize", Role.Admin, "Taking a node out of the mesh", true);
    public static readonly ArbiterAction Subscribe = new("subscribe", Role.Admin, "Subscribing to a node");
    public static readonly ArbiterAction Renew = new("renew", Role.Admin, "Subscribing anew");
    public static readonly ArbiterAction Unsubscribe = new("unsubscribe", Role.Admin, "Removing a subscription");

    /// <summary>It changes nothing, but makes the server connect to any address.</summary>
    public static readonly ArbiterAction Probe = new("probe", Role.Admin, "Trying a connection string", true);

    public static readonly ArbiterAction Pause = new("pause", Role.Operator, "Pausing a subscription");
    public static readonly ArbiterAction Resume = new("resume", Role.Operator, "Resuming a subscription");
    public static readonly ArbiterAction StageAdd = new("stage_add", Role.Admin, "Staging a table");
    public static readonly ArbiterAction StageRemove = new("stage_remove", Role.Admin, "Staging a table's removal");
    public static readonly ArbiterAction Commit = new("commit", Role.Admin, "Committing the replicaset");
    public static readonly ArbiterAction SetPolicy = new("set_policy", Role.Admin, "Setting a table's policy");
    public static readonly ArbiterAction SetPriorities = new("set_priorities", Role.Admin, "Setting the nodes' priorities");
    public static readonly ArbiterAction Decide = new("decide", Role.Operator, "Deciding a conflict");
    public static readonly ArbiterAction Restore = new("restore", Role.Operator, "Bringing back a version");
    public static readonly ArbiterAction Compare = new("compare", Role.Operator, "Comparing tables");
    public static readonly ArbiterAction Repair = new("repair", Role.Operator, "Repairing rows");
    public static readonly ArbiterAction Prove = new("prove", Role.Operator, "Noting that tables are equal");
    public static readonly ArbiterAction CancelTask = new("cancel_task", Role.Operator, "Cancelling a task");
    public static readonly ArbiterAction Join = new("join", Role.Admin, "Joining a mesh", true);
    public static readonly ArbiterAction ExportSnapshot = new("export_snapshot", Role.Admin, "Exporting a snapshot for a node that joins");
    public static readonly ArbiterAction ReadAudit = new("read_audit", Role.Admin, "Reading the audit log");
    public static readonly ArbiterAction ListAccounts = new("list_accounts", Role.Admin, "Listing users and keys");
    public static readonly ArbiterAction SetUser = new("set_user", Role.Admin, "Changing a user");
    public static readonly ArbiterAction RemoveUser = new("remove_user", Role.Admin, "Removing a user");
    public static readonly ArbiterAction ChangePassword = new("change_password", Role.Viewer, "Changing one's password");
    public static readonly ArbiterAction CreateKey = new("create_key", Role.Admin, "Making an API key");
    public static readonly ArbiterAction RemoveKey = new("remove_key", Role.Admin, "Removing an API key");

    // After the others: fields are initialised in the order of the text.
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ArbiterAction> All { get; } =
    [
        .. typeof(ArbiterAction)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(ArbiterAction))
            .Select(field => (ArbiterAction)field.GetValue(null)!),
    ];
}
