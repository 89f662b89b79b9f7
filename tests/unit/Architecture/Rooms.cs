using System.Reflection;
using Traktor.Engine;
using Traktor.Sandbox;
using Traktor.Web.Hosting;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>The rooms of the engine and of the web host, and who may use what: the one place that says so.</summary>
internal static class Rooms
{
    public static readonly RoomOrder Engine = new(
        typeof(Arbiter).Assembly,
        "Traktor.Engine",
        [
            "Postgres",
            "Access",
            "Workers",
            "ConnectionStrings",
            "Schema",
            "Tables",
            "Nodes",
            "Owners",
            "Publications",
            "Origins",
            "Slots",
            "NodeKeys",
            "Accounts",
            "Audit",
            "Tasks",
            "Marks",
            "Detection",
            "Subscriptions",
            "Subscriptions.Observation",
            "Subscriptions.Control",
            "Subscriptions.Workers",
            "Replicasets",
            "Replicasets.Opening",
            "Heartbeats",
            "Conflicts",
            "Conflicts.Records",
            "Conflicts.Rows",
            "Conflicts.Decisions",
            "Conflicts.Mesh",
            "Audit.Mesh",
            "Conflicts.Policies",
            "Conflicts.Feed",
            "Targets",
            "Healing.Reading",
            "Healing.Rows",
            "Healing.Statements",
            "Healing.Sessions",
            "Healing.Exclusions",
            "Healing.Applying",
            "Healing.Waiting",
            "Healing",
            "Convergence.Rules",
            "Convergence.Keys",
            "Convergence.ContestedKeys",
            "Convergence.Restoring",
            "Convergence",
            "Comparisons.Hashing",
            "Comparisons.Proofs",
            "Comparisons",
            "Comparisons.Repairs",
            "Membership",
            "Joining",
            "Maintenance",
            "Monitoring",
        ],
        [typeof(RefusedException), typeof(RefusalKind), typeof(Finding), typeof(Severity), typeof(ArbiterSettings), typeof(FaultPoint)],
        [typeof(Arbiter), typeof(ActingArbiter), typeof(OtherArbiters)]
    );

    public static readonly RoomOrder Web = new(
        typeof(ArbiterHost).Assembly,
        "Traktor.Web",
        [
            "Contracts.Problems",
            "Contracts.Values",
            "Contracts.Status",
            "Contracts.Mesh",
            "Contracts.Tables",
            "Contracts.Conflicts",
            "Contracts.Access",
            "Contracts.Comparisons",
            "Contracts.Json",
            "Configuration",
            "Security.Keys",
            "Security.Sessions",
            "Security.Signatures",
            "Security.Gates",
            "Peers",
            "Live.Mesh",
            "Live.Tables",
            "Live.Works",
            "Live.Feed",
            "Live.Cases",
            "Api.Requests",
            "Api.Status",
            "Api.Mesh",
            "Api.Tables",
            "Api.Conflicts",
            "Api.Access",
            "Api.Tasks",
            "Api.Comparisons",
            "Api.Documents",
            "Api",
            "Components.Controls",
            "Components.Access",
            "Components.Subscriptions",
            "Components.Tables",
            "Components.Tasks",
            "Components.Mesh",
            "Components.Cases",
            "Components.Comparisons",
            "Components.Conflicts",
            "Components.SignIn",
            "Components.Layout",
            "Components.Pages",
            "Components",
            "Hosting",
            "Demo",
            "Commands",
        ],
        [],
        []
    );

    public static readonly Assembly Sandbox = typeof(PostgresSandbox).Assembly;

    /// <summary>
    /// The types that people wrote, and those that the compiler made of their lambdas, iterators and async methods.
    /// </summary>
    public static IEnumerable<Type> TypesOf(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.Namespace?.StartsWith("Traktor", StringComparison.Ordinal) == true);
}
