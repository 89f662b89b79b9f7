using System.Globalization;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;

namespace Traktor.Engine;

/// <summary>
/// An arbiter that acts for somebody: everything that changes something. Each call demands the role that its
/// <see cref="ArbiterAction"/> names, whoever calls: a page, the REST API or another arbiter. The calls for
/// subscriptions, the replicaset, conflicts and accounts are in a file each.
/// </summary>
public sealed partial class ActingArbiter
{
    private readonly Arbiter arbiter;

    internal ActingArbiter(Arbiter arbiter, Actor actor) => (this.arbiter, Actor) = (arbiter, actor);

    /// <summary>Who acts.</summary>
    public Actor Actor { get; }

    /// <summary>Makes the database a node of the mesh.</summary>
    public Task<InitializeReport> InitializeAsync(CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Initialize,
            null,
            async () => await arbiter.ThenLookAsync(await arbiter.initialization.InitializeAsync(cancel), cancel)
        );

    /// <summary>Removes the node from the mesh, and everything of Traktor from its database.</summary>
    public Task<UninitializeReport> UninitializeAsync(CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Uninitialize,
            null,
            async () =>
            {
                using var held = await arbiter.healing.PauseAllAsync(cancel);
                return await arbiter.ThenLookAsync(await arbiter.uninitialization.UninitializeAsync(cancel), cancel);
            }
        );

    private static string Named(int node) => string.Create(CultureInfo.InvariantCulture, $"node {node}");

    private static string Numbered(long conflict) => string.Create(CultureInfo.InvariantCulture, $"conflict {conflict}");

    /// <summary>Reads what not everybody may see.</summary>
    private async Task<T> ReadAsync<T>(ArbiterAction action, Func<Task<T>> read)
    {
        Actor.Demand(action);
        return await read();
    }

    /// <summary>The one way to every change: checks the role, then does it.</summary>
    /// <param name="action">What is done.</param>
    /// <param name="target">What it is done to: a peer, a table, a conflict; null for the node.</param>
    /// <param name="change">Does it.</param>
    /// <exception cref="RefusedException">Forbidden: the actor's role does not allow it; nothing was done.</exception>
    private async Task<T> RunAsync<T>(ArbiterAction action, string? target, Func<Task<T>> change)
    {
        Actor.Demand(action);
        return await change();
    }
}
