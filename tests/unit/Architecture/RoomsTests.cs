using Traktor.Engine;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>
/// Rooms and arrows. A failure names the type and what it uses: move the type, or turn the arrow round (the lower room
/// offers a type, the upper one uses it).
/// </summary>
public sealed class RoomsTests
{
    private static readonly string[] EmptyNames =
    [
        "Helpers",
        "Helper",
        "Common",
        "Managers",
        "Manager",
        "Services",
        "Utils",
        "Utilities",
        "Misc",
    ];

    [Fact]
    public void Engine_EveryType_UsesEarlierRoomsOnly() =>
        AssertNone(
            from type in Rooms.TypesOf(Rooms.Engine)
            let room = Rooms.RoomOf(type.Namespace)
            where room is not null
            from used in TypeUse.Of(type)
            let reason = Rooms.WhyNot(room, used)
            where reason is not null
            select $"{type.FullName} uses {used.FullName}: {reason}"
        );

    [Fact]
    public void Engine_EverySourceFile_NamesEarlierRoomsOnly() =>
        AssertNone(
            from file in Repository.Sources("Traktor.Engine")
            let path = Path.GetRelativePath(Path.Combine(Repository.Root, "src", "Traktor.Engine"), file)
            let room = Path.GetDirectoryName(path)!.Replace(Path.DirectorySeparatorChar, '.')
            where Rooms.InOrder.Contains(room)
            from other in Rooms.NamedIn(File.ReadAllText(file))
            let reason = Rooms.WhyNot(room, other)
            where reason is not null
            select $"{path} names {other}: {reason}"
        );

    [Fact]
    public void Engine_EveryType_IsInARoom() =>
        AssertNone(
            from type in Rooms.TypesOf(Rooms.Engine)
            let room = Rooms.RoomOf(type.Namespace)
            where room is not null && !Rooms.InOrder.Contains(room)
            select $"{type.FullName} is in no room that Rooms.InOrder knows"
        );

    [Fact]
    public void Engine_Root_HoldsTheWiringAndPlainWords() =>
        AssertNone(
            from type in Rooms.TypesOf(Rooms.Engine)
            where type.Namespace == Rooms.Root && !type.IsNested && type != typeof(Arbiter) && !Rooms.Words.Contains(type)
            select $"{type.FullName} belongs into a room"
        );

    [Fact]
    public void Engine_References_NoWebServer() =>
        Assert.DoesNotContain(
            Rooms.Engine.GetReferencedAssemblies(),
            name =>
                name.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                || name.Name.StartsWith("Traktor", StringComparison.Ordinal)
        );

    [Fact]
    public void Sandbox_References_NothingOfOurs() =>
        Assert.DoesNotContain(Rooms.Sandbox.GetReferencedAssemblies(), name => name.Name!.StartsWith("Traktor", StringComparison.Ordinal));

    [Fact]
    public void Web_OutsideOfTheDemo_DoesNotUseTheSandbox() =>
        AssertNone(
            from type in Rooms.TypesOf(Rooms.Web)
            where
                type.Namespace != "Traktor.Web.Demo"
                && !type.FullName!.StartsWith("Traktor.Web.Commands.DemoCommand", StringComparison.Ordinal)
            from used in TypeUse.Of(type)
            where used.Assembly == Rooms.Sandbox
            select $"{type.FullName} uses {used.FullName}: only the demo and its command know it"
        );

    [Fact]
    public void Namespaces_AreNounsOfTheField() =>
        AssertNone(
            from assembly in new[] { Rooms.Engine, Rooms.Web, Rooms.Sandbox }
            from space in assembly.GetTypes().Select(type => type.Namespace).OfType<string>().Distinct()
            where space.Split('.').Intersect(EmptyNames).Any()
            select space
        );

    [Fact]
    public void Namespaces_FollowTheFolders() =>
        AssertNone(
            from project in new[] { "Traktor.Engine", "Traktor.Web", "Traktor.Sandbox" }
            from file in Repository.Sources(project)
            let folder = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Repository.Root, "src"), file))!
                .Replace(Path.DirectorySeparatorChar, '.')
            let space = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
            where space is not null && space != $"namespace {folder};"
            select $"{file[(Repository.Root.Length + 1)..]} has {space}"
        );

    private static void AssertNone(IEnumerable<string> violations)
    {
        if (string.Join('\n', violations.Distinct()) is { Length: > 0 } found)
            Assert.Fail(found);
    }
}
