using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>The local tables that receive a peer's changes, each read from the catalog once.</summary>
internal sealed class MappedTables(ApplySession session)
{
    private readonly Dictionary<RemoteRelation, MappedRelation?> relations = new(ReferenceEqualityComparer.Instance);

    /// <summary>The table that receives a relation's rows; null when it is not part of the subscription.</summary>
    /// <exception cref="TableFault">The table is missing or does not match.</exception>
    public async ValueTask<MappedRelation?> MapAsync(RemoteRelation relation, CancellationToken cancel)
    {
        if (relations.TryGetValue(relation, out var known))
            return known;
        var target = await TargetTable.ReadAsync(session.Connection, relation.Table, session.Terms.Subscription, cancel);
        return relations[relation] = target.IsSubscribed ? MappedRelation.Of(relation, target) : null;
    }

    /// <summary>
    /// Groups changes into runs and truncations, in order. Changes of tables that are not subscribed are left out.
    /// </summary>
    /// <exception cref="TableFault">A table is missing or does not match.</exception>
    public async Task<List<object>> GroupAsync(IReadOnlyList<RemoteChange> changes, CancellationToken cancel)
    {
        var groups = new List<object>();
        RowRun? run = null;
        foreach (var change in changes)
        {
            if (change is not RowChange row)
            {
                groups.Add(change);
                run = null;
                continue;
            }

            if (await MapAsync(row.Relation, cancel) is not { } mapped)
                continue;
            var shape = RowShape.Of(mapped, row);
            if (run is null || !run.TryAdd(shape, row))
            {
                run = new RowRun(shape);
                run.TryAdd(shape, row);
                groups.Add(run);
            }
        }

        return groups;
    }

    /// <summary>Forgets all tables, so that they are read again.</summary>
    public void Forget() => relations.Clear();
}
