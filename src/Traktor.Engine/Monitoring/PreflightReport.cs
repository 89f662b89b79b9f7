using Traktor.Engine.Marks;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Monitoring;

/// <summary>The result of a preflight: checks of this node's server and of the peers' clocks.</summary>
/// <param name="Node">This node.</param>
/// <param name="IsReady">Whether no finding is an error.</param>
/// <param name="Findings">All checks, including the good ones.</param>
public sealed record PreflightReport(int Node, bool IsReady, IReadOnlyList<Finding> Findings)
{
    /// <summary>
    /// Checks the server, initialised or not, and adds the findings of others: about peers, about tables whose silent
    /// conflicts are not detected, about rows that cannot be written, and about the host.
    /// </summary>
    /// <exception cref="RefusedException">Unavailable.</exception>
    public static async Task<PreflightReport> ReadAsync(
        LocalNode local,
        ArbiterSettings settings,
        NodeStatus status,
        IReadOnlyList<SubscriptionStatus> subscriptions,
        IEnumerable<Finding> ofOthers,
        CancellationToken cancel
    )
    {
        await using var connection = await local.OpenServerAsync(cancel);
        try
        {
            List<Finding> findings = [.. await Preflight.OfServerAsync(connection, settings, cancel)];
            findings.AddRange(
                from subscription in subscriptions
                where subscription.ClockOffsetMs is not null
                select MeshFindings.Clock(subscription.InboundNode, subscription.ClockOffsetMs!.Value)
            );
            if ((await NodeProbe.LookAsync(connection, cancel)).Identity?.IsCurrent == true)
            {
                findings.Add(
                    MeshFindings.Compatibility(
                        settings.Pre16Compatibility,
                        await NodeDirectory.ReadAsync(connection, cancel),
                        await OriginMarks.DependentsAsync(connection, cancel)
                    )
                );
                if (MeshFindings.SetAside(await SetAsideEntry.ReadOldestAsync(connection, cancel)) is { } aside)
                    findings.Add(aside);
            }

            findings.AddRange(
                from subscription in subscriptions
                where subscription.State is not (SubscriptionState.Unreachable or SubscriptionState.Broken)
                let finding = MeshFindings.Heartbeat(
                    subscription.InboundNode,
                    subscription.LastHeartbeat is { } received ? DateTimeOffset.UtcNow - received : null
                )
                where finding is not null
                select finding
            );
            findings.AddRange(status.Convergence.Findings());
            findings.AddRange(ofOthers);
            return new PreflightReport(local.NodeId, findings.All(finding => finding.Severity != Severity.Error), findings);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
