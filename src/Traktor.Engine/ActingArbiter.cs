using System.Globalization;
using Traktor.Engine.Access;
using Traktor.Engine.Audit;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine;

/// <summary>
/// An arbiter that acts for somebody: everything that changes something. Each call demands the role that its
/// <see cref="ArbiterAction"/> names, whoever calls: a page, the REST API or another arbiter. The calls for
/// subscriptions, the replicaset, conflicts and accounts are in a file each. What is done is in the audit log.
/// </summary>
public sealed partial class ActingArbiter
{
    private const int MostAttempts = 5;

    private readonly Arbiter arbiter;

    internal ActingArbiter(Arbiter arbiter, Actor actor) => (this.arbiter, Actor) = (arbiter, actor);

    /// <summary>Who acts.</summary>
    public Actor Actor { get; }

    /// <summary>Makes the database a node of the mesh.</summary>
    public Task<InitializeReport> InitializeAsync(CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Initialize,
            null,
            IsInitializedAsync,
            async () => await arbiter.ThenLookAsync(await arbiter.initialization.InitializeAsync(cancel), cancel)
        );

    /// <summary>Removes the node from the mesh, and everything of Traktor from its database.</summary>
    public Task<UninitializeReport> UninitializeAsync(CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Uninitialize,
            null,
            IsInitializedAsync,
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

    private Task<object?> IsInitializedAsync(bool isDone) => Task.FromResult<object?>(new { arbiter.Status.IsInitialized });

    /// <summary>The one way to every change: checks the role, then does it and records it.</summary>
    /// <param name="action">What is done.</param>
    /// <param name="target">What it is done to: a peer, a table, a conflict; null for the node.</param>
    /// <param name="state">Reads the target for the audit log, told whether the change is done; without
    /// secrets.</param>
    /// <param name="change">Does it.</param>
    /// <exception cref="RefusedException">Forbidden: the actor's role does not allow it; nothing was done.</exception>
    private async Task<T> RunAsync<T>(ArbiterAction action, string? target, Func<bool, Task<object?>>? state, Func<Task<T>> change)
    {
        try
        {
            Actor.Demand(action);
        }
        catch (RefusedException e)
        {
            await arbiter.recorder.DenyAsync(AuditActor.Of(Actor), action.Name, target, e.Message);
            throw;
        }

        return await arbiter.recorder.RunAsync(Actor, action, target, state, () => RepeatAsync(change));
    }

    /// <summary>
    /// Repeats a change after a deadlock: apply workers and the arbiter's loops lock tables in other orders. Each step
    /// of a change checks first what is done.
    /// </summary>
    private static async Task<T> RepeatAsync<T>(Func<Task<T>> change)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await change();
            }
            catch (Exception e) when (attempt < MostAttempts && PostgresErrors.IsDeadlock(e))
            {
                // The server waited for a second before it reported the deadlock: no pause is needed.
            }
    }
}
