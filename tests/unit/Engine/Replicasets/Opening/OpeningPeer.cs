using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.UnitTests.Engine.Replicasets.Opening;

/// <summary>Whether a peer could take the table.</summary>
internal enum Fit
{
    Yes,

    /// <summary>It has no such table: refreshing fails.</summary>
    Missing,

    /// <summary>It has one with other columns: refreshing works, applying does not.</summary>
    Differs,
}

/// <summary>
/// A peer as the publisher's steps meet it: every look and every act is a step of its own, so that anything can happen
/// in between.
/// </summary>
internal sealed class OpeningPeer(int node, OpeningWorld world)
{
    private readonly List<int> queued = [];
    private int phase;
    private Guid? seenOpening;
    private bool seenPublished;
    private string? refreshError;

    public int Node { get; } = node;

    public Fit Fit { get; set; }

    public bool IsEnabled { get; set; } = true;

    public bool HasArbiter { get; set; } = true;

    public bool IsRegistered { get; set; }

    public bool HasSlot { get; private set; }

    public bool HasSubscription { get; private set; }

    public bool HasTable { get; private set; }

    /// <summary>Rows that were committed while it had its slot and did not reach it.</summary>
    public List<int> Missed { get; } = [];

    /// <summary>
    /// Rows that were sent to it and fell through, for its subscription did not have the table: the hole that must not
    /// be.
    /// </summary>
    public List<int> Dropped { get; } = [];

    public bool HasReceived { get; private set; }

    public void Send(int row)
    {
        if (!HasSubscription)
            queued.Add(row);
        else if (HasTable)
            HasReceived = true;
        else
            Dropped.Add(row);
    }

    /// <summary>The next part of joining, in the order of SubscriptionControl.</summary>
    public void Join()
    {
        if (!IsRegistered)
            world.Register(this);
        else if (!HasSlot)
        {
            // PostgreSQL makes a slot only after every transaction that had its number by then is over.
            if (world.IsStepping)
                return;
            HasSlot = true;
            world.Log.Add($"{Node} makes its slot");
            Missed.Clear();
            queued.Clear();
        }
        else if (!HasSubscription && Fit != Fit.Yes && world.IsPublishedTo(Node))
            Leave();
        else if (!HasSubscription)
        {
            (HasSubscription, HasTable, IsEnabled) = (true, world.IsPublishedTo(Node), true);
            world.Log.Add($"{Node} subscribes, {(HasTable ? "with" : "without")} the table");
            foreach (var row in queued)
                Send(row);
        }
    }

    /// <summary>Ends the subscription, its slot and what the publisher keeps for it.</summary>
    public void Leave()
    {
        (HasSubscription, HasTable, HasSlot, HasReceived, phase) = (false, false, false, false, 0);
        Missed.Clear();
        Dropped.Clear();
        world.Unregister(this);
    }

    /// <summary>The next part of the arbiter's check, in the order of PublicationRefresh.</summary>
    public void Check()
    {
        if (!HasArbiter || !HasSubscription)
        {
            phase = 0;
            return;
        }

        switch (phase++)
        {
            case 0:
                seenOpening = world.Opening;
                break;
            case 1:
                seenPublished = world.IsPublishedTo(Node);
                break;
            case 2:
                refreshError = seenPublished != HasTable && IsEnabled ? Refresh() : null;
                break;
            default:
                if (seenOpening is { } opening)
                    world.Tell(
                        Node,
                        opening,
                        Readiness.Of(
                            seenPublished,
                            HasTable,
                            IsEnabled ? null : "paused",
                            Fit == Fit.Yes ? null : Fit.ToString(),
                            refreshError
                        )
                    );
                phase = 0;
                break;
        }
    }

    private string? Refresh()
    {
        if (world.IsPublishedTo(Node) && Fit == Fit.Missing)
            return "relation does not exist";
        HasTable = world.IsPublishedTo(Node);
        world.Log.Add($"{Node} refreshes, {(HasTable ? "has" : "has no")} table");
        return null;
    }
}
