namespace Traktor.Web.Components.Controls;

/// <summary>What each policy does, in a sentence.</summary>
internal static class PolicyWords
{
    public static readonly (string Policy, string Meaning)[] All =
    [
        ("last_update_wins", "The version that was written last wins on all nodes."),
        ("first_update_wins", "Of two rows with the same key the earlier one wins; updates are decided as by last_update_wins."),
        ("node_priority", "The version of the node with the better priority wins on all nodes."),
        ("keep_local", "Each node keeps its local row. The nodes diverge."),
        ("apply_remote", "Each node applies the remote change. The nodes diverge."),
        ("manual", "Replication from the peer waits until an operator decides."),
    ];

    public static string Meaning(string policy) => Array.Find(All, entry => entry.Policy == policy).Meaning ?? "";
}
