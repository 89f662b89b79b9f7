using System.Data.Common;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Web.Peers;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Live.Works;

/// <summary>
/// Does what a visitor asks for on any node, one a circuit: the only way from a page to a change, and it asks each time
/// whether the visitor may.
/// </summary>
public sealed class Operator(Visitor visitor, NodeClients clients, Arbiter arbiter)
{
    /// <summary>A node, to work on.</summary>
    /// <exception cref="RefusedException">The visitor may not change anything; or the node's arbiter is not known.</exception>
    public async Task<INodeClient> ClientAsync(int node)
    {
        await visitor.DemandChangeAsync();
        return clients.Find(node);
    }

    /// <summary>A node's conflicts, to decide.</summary>
    /// <exception cref="RefusedException">The visitor may not change anything; or the node's arbiter is not known.</exception>
    public async Task<ICaseClient> CasesAsync(int node)
    {
        await visitor.DemandChangeAsync();
        return clients.FindCases(node);
    }

    /// <summary>Sets a table's policy on all nodes.</summary>
    public async Task<PolicyChange> SetPolicyAsync(string relation, Policy policy, CancellationToken cancel)
    {
        await visitor.DemandChangeAsync();
        return await arbiter.SetPolicyAsync(relation, policy, detector: null, isMesh: true, cancel);
    }

    /// <summary>Does something and puts what goes wrong into a sentence; null when nothing did.</summary>
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
            return "PostgreSQL did not do this in time, or cannot be reached; it can be tried again.";
        }
    }
}
