using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>The next step for a table that is being opened.</summary>
public enum OpeningAction
{
    /// <summary>None: a peer must answer, or be fixed, first.</summary>
    Wait,

    /// <summary>
    /// Publish it to every peer without any rows: every peer has reported that it can receive the table.
    /// </summary>
    Close,

    /// <summary>
    /// Remove it from the publication again: a peer cannot receive it after all, and its refreshes would fail for all
    /// tables.
    /// </summary>
    Withdraw,

    /// <summary>Send rows to every peer, in one commit: every peer has subscribed.</summary>
    Open,

    /// <summary>Publish it to some peers only, without any rows.</summary>
    CloseAhead,

    /// <summary>
    /// Remove it again for some of those peers: they cannot receive it after all, and their refreshes would fail for
    /// all tables.
    /// </summary>
    WithdrawAhead,

    /// <summary>Send rows to those peers only, in one commit.</summary>
    OpenAhead,
}

/// <summary>
/// Decides how to open a table without losing rows: it is published with a filter that passes no row, every peer
/// subscribes, and then it is opened in one commit. No row is sent before all peers (or, with force, all but the
/// excluded ones) have subscribed, so all of them start at that commit. A step that changes what is published begins a
/// new opening, so that peers' earlier reports do not count for the changed state.
/// </summary>
/// <param name="Action">What to do.</param>
/// <param name="Nodes">The peers concerned, for the actions for some peers only.</param>
public sealed record OpeningStep(OpeningAction Action, IReadOnlyList<int> Nodes)
{
    private static readonly OpeningStep Nothing = new(OpeningAction.Wait, []);

    /// <summary>Whether rows are sent from its commit on.</summary>
    public bool SendsRows => Action is OpeningAction.Open or OpeningAction.OpenAhead;

    /// <summary>The next step for <paramref name="entry"/>, given the current subscribers of this node.</summary>
    public static OpeningStep Next(ReplicasetEntry entry, IReadOnlyCollection<int> subscribers)
    {
        bool IsPublishedTo(int node) =>
            entry.IsOpen || entry.IsClosed || entry.AheadOpen.Contains(node) || entry.AheadClosed.Contains(node);
        bool IsSubscribed(int node) => entry.Words.GetValueOrDefault(node)?.Stage == Stage.Subscribed && IsPublishedTo(node);
        bool IsAble(int node) => entry.Words.GetValueOrDefault(node)?.Stage is Stage.Able or Stage.Subscribed;
        bool IsUnable(int node) => entry.Words.GetValueOrDefault(node)?.Stage == Stage.Unable;

        if (subscribers.All(IsSubscribed))
            return new OpeningStep(OpeningAction.Open, []);
        if (entry.IsClosed)
            return subscribers.Any(node => IsUnable(node) || entry.Excluded.Contains(node))
                ? new OpeningStep(OpeningAction.Withdraw, [])
                : Nothing;
        var failing = entry.AheadClosed.Where(node => IsUnable(node) && subscribers.Contains(node)).ToList();
        var withdraw = failing.Count > 0 ? new OpeningStep(OpeningAction.WithdrawAhead, failing) : Nothing;
        if (entry.Excluded.Count == 0 && entry.State == TableState.PendingAdd)
            return subscribers.All(IsAble) ? new OpeningStep(OpeningAction.Close, []) : withdraw;

        // Opened with force, now or earlier, and now a late peer can receive it.
        var late = subscribers.Where(node => !entry.AheadOpen.Contains(node)).ToList();
        var joining = late.Where(node => IsAble(node) && !entry.AheadClosed.Contains(node)).ToList();
        if (joining.Count > 0)
            return new OpeningStep(OpeningAction.CloseAhead, joining);

        // Peers that the table was opened without have no common start to wait for: a missing one does not delay the
        // others.
        bool IsWithout(int node) =>
            entry.Excluded.Contains(node) || (entry.State != TableState.PendingAdd && entry.Resync.Any(mark => mark.Node == node));
        if (late.Any(node => !IsSubscribed(node) && !IsUnable(node) && !IsWithout(node)))
            return Nothing;
        var ready = late.Where(IsSubscribed).ToList();
        return ready.Count > 0 || entry.State == TableState.PendingAdd ? new OpeningStep(OpeningAction.OpenAhead, ready) : withdraw;
    }

    /// <summary>
    /// The peers that lack rows after this step: those that the table is opened without, and those that get it after it
    /// was open to others.
    /// </summary>
    public IEnumerable<int> WhoLacksRows(ReplicasetEntry entry, IReadOnlyCollection<int> subscribers) =>
        Action switch
        {
            OpeningAction.Open or OpeningAction.OpenAhead when entry.State != TableState.PendingAdd => subscribers.Except(entry.AheadOpen),
            OpeningAction.OpenAhead => subscribers.Except(entry.AheadOpen).Except(Nodes),
            _ => [],
        };
}
