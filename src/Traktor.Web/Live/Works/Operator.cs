using System.Data.Common;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Web.Peers;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Live.Works;

/// <summary>
/// The only way from a page to a change on any node, one for each circuit: it gives out clients that act for the
/// visitor.
/// </summary>
public sealed class Operator(Visitor visitor, NodeClients clients, Arbiter arbiter)
{
    /// <summary>The client of a node, for changes.</summary>
    /// <exception cref="RefusedException">The visitor is signed out, or the node's arbiter is not known.</exception>
    public async Task<INodeClient> ClientAsync(int node) => clients.Find(node, await visitor.DemandActorAsync());

    /// <summary>The client of a node's conflicts, for decisions.</summary>
    /// <exception cref="RefusedException">The visitor is signed out, or the node's arbiter is not known.</exception>
    public async Task<ICaseClient> CasesAsync(int node) => clients.FindCases(node, await visitor.DemandActorAsync());

    /// <summary>This arbiter, acting for the visitor.</summary>
    /// <exception cref="RefusedException">The visitor is signed out.</exception>
    public async Task<ActingArbiter> ActingAsync() => arbiter.As(await visitor.DemandActorAsync());

    /// <summary>Sets a table's policy on all nodes.</summary>
    public async Task<PolicyChange> SetPolicyAsync(string relation, Policy policy, CancellationToken cancel) =>
        await (await ActingAsync()).SetPolicyAsync(relation, policy, detector: null, isMesh: true, cancel);

    /// <summary>Runs an action and returns its error as a sentence; null when there was none.</summary>
    public static async Task<string?> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (RefusedException e)
        {
            return e.Hint is null ? e.Message : $"{e.Message} {e.Hint}";
        }
        catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException)
        {
            return "PostgreSQL did not answer in time, or cannot be reached. Try again.";
        }
    }
}
