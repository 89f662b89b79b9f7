using System.Reflection;
using System.Text.RegularExpressions;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>
/// The rooms of an assembly, lower ones first. A room is a namespace below the assembly's root, whatever folder it lies
/// in: rooms within rooms have their own places in the order. A type uses types of its own room and of earlier ones.
/// </summary>
/// <param name="Assembly">The assembly.</param>
/// <param name="Root">Its root namespace.</param>
/// <param name="Order">The rooms, as namespaces relative to the root. Rooms joined by a plus still use one another in a
/// circle: they have one place in the order together.</param>
/// <param name="Words">Types at the root that every room may use.</param>
/// <param name="Wiring">The other types at the root: they may use every room, and no room uses them.</param>
internal sealed partial record RoomOrder(Assembly Assembly, string Root, string[] Order, Type[] Words, Type[] Wiring)
{
    private readonly Dictionary<string, int> places = Order
        .SelectMany((entry, place) => entry.Split(" + ").Select(room => (room, place)))
        .ToDictionary(entry => entry.room, entry => entry.place);

    /// <summary>Every room.</summary>
    public IReadOnlyCollection<string> All => places.Keys;

    /// <summary>
    /// The types that people wrote, and those that the compiler made of their lambdas, iterators and async methods.
    /// </summary>
    public IEnumerable<Type> Types => Rooms.TypesOf(Assembly);

    /// <summary>The room of a namespace, null for the root and for what is not of this assembly.</summary>
    public string? RoomOf(string? space) =>
        space?.StartsWith(Root + ".", StringComparison.Ordinal) == true ? space[(Root.Length + 1)..] : null;

    /// <summary>Why a room may not use a type; null when it may.</summary>
    public string? WhyNot(string room, Type used)
    {
        if (used.Assembly != Assembly)
            return null;
        if (used.Namespace == Root)
            return Words.Contains(used) ? null : $"{used.Name} is at the root, above all rooms";
        return RoomOf(used.Namespace) is { } other ? WhyNot(room, other) : null;
    }

    public string? WhyNot(string room, string other) =>
        places.GetValueOrDefault(other, int.MaxValue) <= places.GetValueOrDefault(room, -1)
            ? null
            : $"room {other} comes after room {room}";

    /// <summary>
    /// The rooms that a source file names: constants leave no trace in the compiled code, but their room's name in the
    /// source.
    /// </summary>
    public IEnumerable<string> NamedIn(string source) =>
        Using()
            .Matches(source)
            .Select(match => RoomOf(match.Groups[1].Value))
            .OfType<string>()
            .Select(name => places.ContainsKey(name) ? name : name[..Math.Max(0, name.LastIndexOf('.'))])
            .Where(places.ContainsKey)
            .Distinct();

    public override string ToString() => Root;

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?(Traktor(?:\.\w+)+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
