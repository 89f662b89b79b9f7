using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Subscriptions;

/// <summary>
/// The statements on a subscription. None has parameters, and most cannot run inside a transaction
/// (<see href="https://www.postgresql.org/docs/current/sql-createsubscription.html"/>). Those with a connection string
/// have <c>%L</c> in its place: see <see cref="SecretStatement"/>.
/// </summary>
public static class SubscriptionSql
{
    /// <summary>
    /// Creates a subscription for an existing slot. Options are explicit, so that they do not depend on the server's
    /// version: <c>origin = none</c> receives only what the peer's own users wrote, <c>disable_on_error</c> is off
    /// because it also reacts to broken links, <c>streaming</c> is off so that one worker applies in commit order.
    /// </summary>
    /// <param name="local">This node.</param>
    /// <param name="inbound">The peer.</param>
    /// <param name="localVersion">This server's <c>server_version_num</c>; 15 has no <c>origin</c> option.</param>
    /// <param name="isFiltered">Whether the peer's marks are needed to tell its own transactions from forwarded
    /// ones.</param>
    /// <param name="isEnabled">Whether its apply worker starts at once.</param>
    public static string Create(int local, int inbound, int localVersion, bool isFiltered, bool isEnabled = true) =>
        $"CREATE SUBSCRIPTION {Name(local, inbound)} CONNECTION %L "
        + $"PUBLICATION {string.Join(", ", Publications(local, isFiltered).Select(Quote.Identifier))} "
        + $"WITH (create_slot = false, slot_name = {Quote.Literal(ObjectNames.Subscription(local, inbound))}, copy_data = false, "
        + (isEnabled ? "" : "enabled = false, ")
        + (localVersion >= ServerVersion.KnowsOrigin ? "origin = none, " : "")
        + "disable_on_error = false, streaming = off, binary = false, two_phase = false, synchronous_commit = off)";

    /// <summary>The peer's publications to which node <paramref name="local"/> subscribes.</summary>
    public static IReadOnlyList<string> Publications(int local, bool isFiltered) =>
        isFiltered
            ? [ObjectNames.Publication, ObjectNames.PublicationFor(local), ObjectNames.OriginMarksPublication]
            : [ObjectNames.Publication, ObjectNames.PublicationFor(local)];

    public static string Enable(int local, int inbound) => $"ALTER SUBSCRIPTION {Name(local, inbound)} ENABLE";

    public static string Disable(int local, int inbound) => $"ALTER SUBSCRIPTION {Name(local, inbound)} DISABLE";

    /// <summary>
    /// Changes nothing, but keeps other sessions from changing the subscription until the end of the transaction;
    /// <paramref name="synchronous"/> is its <c>subsynccommit</c>.
    /// </summary>
    public static string Lock(int local, int inbound, string synchronous) =>
        $"ALTER SUBSCRIPTION {Name(local, inbound)} SET (synchronous_commit = {Quote.Literal(synchronous)})";

    /// <summary>Sets options, a list of <c>name = value</c>.</summary>
    public static string Set(int local, int inbound, string options) => $"ALTER SUBSCRIPTION {Name(local, inbound)} SET ({options})";

    public static string Connect(int local, int inbound) => $"ALTER SUBSCRIPTION {Name(local, inbound)} CONNECTION %L";

    /// <summary>
    /// Subscribes to the tables that the peer publishes now and drops those it no longer publishes; existing rows are
    /// not copied.
    /// </summary>
    public static string Refresh(int local, int inbound) =>
        $"ALTER SUBSCRIPTION {Name(local, inbound)} REFRESH PUBLICATION WITH (copy_data = false)";

    /// <summary>
    /// Detaches the slot from the subscription, so that dropping the subscription does not need the peer.
    /// </summary>
    public static string ForgetSlot(int local, int inbound) => $"ALTER SUBSCRIPTION {Name(local, inbound)} SET (slot_name = NONE)";

    public static string Drop(int local, int inbound) => $"DROP SUBSCRIPTION IF EXISTS {Name(local, inbound)}";

    private static string Name(int local, int inbound) => Quote.Identifier(ObjectNames.Subscription(local, inbound));
}
