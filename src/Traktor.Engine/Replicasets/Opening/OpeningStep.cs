using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>The next thing to do with a table that is being opened.</summary>
public enum OpeningAction
{
    /// <summary>Nothing: a peer has to answer, or to be mended, first.</summary>
    Wait,

    /// <summary>Publish it to everybody, letting nothing through: every peer said that it can take it.</summary>
    Close,

    /// <summary>
    /// Take it out of the publication again: a peer cannot take it after all, and its refreshes would fail for all
    /// tables.
    /// </summary>
    Withdraw,

    /// <summary>Let rows through to everybody, in one commit: every peer is subscribed.</summary>
    Open,

    /// <summary>Publish it to some peers alone, letting nothing through.</summary>
    CloseAhead,

    /// <summary>
    /// Take it away again from some of those peers: they cannot take it after all, and their refreshes would fail for
    /// all tables.
    /// </summary>
    WithdrawAhead,

    /// <summary>Let rows through to those peers alone, in one commit.</summary>
    OpenAhead,
}

/// <summary>
/// Decides how a table is opened without a hole: published with a filter that lets nothing through, subscribed to by
/// every peer, and only then opened, in one commit. No row flows before all (or, by force, all but the excluded) are
/// subscribed, so all of them start at that commit. Whoever carries out a step that changes what is published begins a
/// new opening, so that no peer's earlier word counts for the changed state.
/// </summary>
/// <param name="Action">What to do.</param>
/// <param name="Nodes">The peers that it concerns, for the actions about some peers alone.</param>
public sealed record OpeningStep(OpeningAction Action, IReadOnlyList<int> Nodes)
{
    private static readonly OpeningStep Nothing = new(OpeningAction.Wait, []);

    /// <summary>The next step for <paramref name="entry"/>, given the peers that receive from this node now.</summary>
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

        // By force; or opened by force earlier, and now a latecomer can take it.
        var late = subscribers.Where(node => !entry.AheadOpen.Contains(node)).ToList();
        var joining = late.Where(node => IsAble(node) && !entry.AheadClosed.Contains(node)).ToList();
        if (joining.Count > 0)
            return new OpeningStep(OpeningAction.CloseAhead, joining);

        // Peers that it was opened without already have no common start to wait for: one that stays away does not hold up the others.
        bool IsWithout(int node) => entry.Excluded.Contains(node) || (entry.State != TableState.PendingAdd && entry.Resync.Contains(node));
        if (late.Any(node => !IsSubscribed(node) && !IsUnable(node) && !IsWithout(node)))
            return Nothing;
        var ready = late.Where(IsSubscribed).ToList();
        return ready.Count > 0 || entry.State == TableState.PendingAdd ? new OpeningStep(OpeningAction.OpenAhead, ready) : withdraw;
    }

    /// <summary>
    /// The peers that lack rows once this step is done: those that the table is opened without, and those that get it
    /// after it was open to others.
    /// </summary>
    public IEnumerable<int> WhoLacksRows(ReplicasetEntry entry, IReadOnlyCollection<int> subscribers) =>
        Action switch
        {
            OpeningAction.Open or OpeningAction.OpenAhead when entry.State != TableState.PendingAdd => subscribers.Except(entry.AheadOpen),
            OpeningAction.OpenAhead => subscribers.Except(entry.AheadOpen).Except(Nodes),
            _ => [],
        };
}
