using System.Reflection;
using System.Text.RegularExpressions;
using Traktor.Engine;
using Traktor.Sandbox;
using Traktor.Web.Hosting;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>The rooms of the engine and their sub-rooms, lower ones first, and who may use what.</summary>
internal static partial class Rooms
{
    public const string Root = "Traktor.Engine";

    public static readonly string[] InOrder =
    [
        "Postgres",
        "ConnectionStrings",
        "Schema",
        "Tables",
        "Nodes",
        "Publications",
        "Origins",
        "Slots",
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
        "Membership",
        "Maintenance",
        "Monitoring",
    ];

    /// <summary>Plain words of the engine that every room speaks.</summary>
    public static readonly Type[] Words =
    [
        typeof(RefusedException),
        typeof(RefusalKind),
        typeof(Finding),
        typeof(Severity),
        typeof(ArbiterSettings),
        typeof(Loop),
        typeof(FaultPoint),
    ];

    public static readonly Assembly Engine = typeof(Arbiter).Assembly;
    public static readonly Assembly Web = typeof(ArbiterHost).Assembly;
    public static readonly Assembly Sandbox = typeof(PostgresSandbox).Assembly;

    /// <summary>The types that people wrote, and those that the compiler made of their lambdas, iterators and async methods.</summary>
    public static IEnumerable<Type> TypesOf(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.Namespace?.StartsWith("Traktor", StringComparison.Ordinal) == true);

    /// <summary>The room of a namespace, its sub-room with it; null for the root and for what is not the engine's.</summary>
    public static string? RoomOf(string? space) =>
        space?.StartsWith(Root + ".", StringComparison.Ordinal) == true ? space[(Root.Length + 1)..] : null;

    /// <summary>Why a room may not use a type; null when it may.</summary>
    public static string? WhyNot(string room, Type used)
    {
        if (used.Assembly != Engine)
            return null;
        if (used.Namespace == Root)
            return Words.Contains(used) ? null : $"{used.Name} is at the root, above all rooms";
        return RoomOf(used.Namespace) is { } other ? WhyNot(room, other) : null;
    }

    public static string? WhyNot(string room, string other) =>
        Array.IndexOf(InOrder, other) <= Array.IndexOf(InOrder, room) ? null : $"room {other} comes after room {room}";

    /// <summary>
    /// The rooms that a source file names: constants leave no trace in the compiled code, but their room's name in the
    /// source.
    /// </summary>
    public static IEnumerable<string> NamedIn(string source) =>
        NamedRoom().Matches(source).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex(@"\bTraktor\.Engine\.([A-Z][\w.]*)\b(?=\s*;)")]
    private static partial Regex NamedRoom();
}
