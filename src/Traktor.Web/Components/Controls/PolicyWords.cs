namespace Traktor.Web.Components.Controls;

/// <summary>What each policy means, in a sentence.</summary>
internal static class PolicyWords
{
    public static readonly (string Policy, string Meaning)[] All =
    [
        ("last_update_wins", "The version that was written last wins; all nodes end the same."),
        ("first_update_wins", "Of two rows that claim one key the earlier stays; updates are decided by the last one."),
        ("node_priority", "The version of the node with the better priority wins."),
        ("keep_local", "Each node keeps what it has: the nodes end different."),
        ("apply_remote", "Each node takes what arrives: the nodes end different."),
        ("manual", "Replication from that node waits until somebody has decided."),
    ];

    public static string Meaning(string policy) => Array.Find(All, entry => entry.Policy == policy).Meaning ?? "";
}
