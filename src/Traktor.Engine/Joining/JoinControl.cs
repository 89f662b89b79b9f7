using System.Globalization;
using Traktor.Engine.Access;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>Starts joins.</summary>
public sealed class JoinControl(LocalNode local, ArbiterSettings settings, Initialization initialization, TaskStore tasks)
{
    private readonly JoinChecks checks = new(local, settings);

    /// <summary>
    /// Checks this node and the mesh, initialises this node if necessary, and starts its join. Returns the number of
    /// the task. Nothing is changed when something is refused.
    /// </summary>
    /// <exception cref="RefusedException">Why the node cannot join, and what to change.</exception>
    public async Task<long> StartAsync(JoinOrder order, Actor actor, CancellationToken cancel)
    {
        var plan = await checks.CheckAsync(order, cancel);
        await initialization.InitializeAsync(cancel);
        var id = await local.AskAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                var target = string.Create(CultureInfo.InvariantCulture, $"the mesh of node {plan.Source.Node}, {plan.Tables} tables");
                var added = await TaskStore.AddAsync(connection, JoinTask.Kind, target, order.ToJson(), actor, cancel);
                await JoinStore.AddAsync(connection, added, plan, local, settings.ArbiterUrl, cancel);
                await transaction.CommitAsync(cancel);
                return added;
            },
            cancel
        );
        tasks.Announce();
        return id;
    }
}
