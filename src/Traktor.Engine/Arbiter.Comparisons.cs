using Traktor.Engine.Access;
using Traktor.Engine.Comparisons;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    /// <summary>A page of comparisons, newest first.</summary>
    public Task<ComparisonPage> ComparisonsAsync(long? before, int limit, CancellationToken cancel) =>
        comparisons.ListAsync(before, limit, cancel);

    /// <summary>A comparison.</summary>
    public Task<Comparison> ComparisonAsync(long id, CancellationToken cancel) => comparisons.FindAsync(id, cancel);

    /// <summary>A page of differences with the present rows of the nodes; those of other nodes are read for an
    /// actor.</summary>
    public Task<DifferencePage> DifferencesAsync(long id, string? relation, long after, int limit, Actor actor, CancellationToken cancel) =>
        comparisons.DifferencesAsync(id, relation, after, limit, actor, cancel);
}
