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

    public static TheoryData<string> Orders => [Rooms.Engine.Root, Rooms.Web.Root];

    [Theory]
    [MemberData(nameof(Orders))]
    public void EveryType_UsesEarlierRoomsOnly(string root) =>
        AssertNone(
            from order in Named(root)
            from type in order.Types
            let room = order.RoomOf(type.Namespace)
            where room is not null
            from used in TypeUse.Of(type)
            let reason = order.WhyNot(room, used)
            where reason is not null
            select $"{type.FullName} uses {used.FullName}: {reason}"
        );

    [Theory]
    [MemberData(nameof(Orders))]
    public void EverySourceFile_NamesEarlierRoomsOnly(string root) =>
        AssertNone(
            from order in Named(root)
            from file in Repository.Sources(root)
            let path = Path.GetRelativePath(Path.Combine(Repository.Root, "src", root), file)
            let room = Path.GetDirectoryName(path)!.Replace(Path.DirectorySeparatorChar, '.')
            where order.All.Contains(room)
            from other in order.NamedIn(File.ReadAllText(file))
            let reason = order.WhyNot(room, other)
            where reason is not null
            select $"{path} names {other}: {reason}"
        );

    [Theory]
    [MemberData(nameof(Orders))]
    public void EveryType_IsInARoom(string root) =>
        AssertNone(
            from order in Named(root)
            from type in order.Types
            let room = order.RoomOf(type.Namespace)
            where room is not null && !order.All.Contains(room)
            select $"{type.FullName} is in no room that Rooms knows"
        );

    [Theory]
    [MemberData(nameof(Orders))]
    public void EveryRoom_HasTypes(string root) =>
        AssertNone(
            from order in Named(root)
            from room in order.All
            where order.Types.All(type => order.RoomOf(type.Namespace) != room)
            select $"{room} is empty: take it out of Rooms"
        );

    [Theory]
    [MemberData(nameof(Orders))]
    public void Root_HoldsTheWiringAndPlainWords(string root) =>
        AssertNone(
            from order in Named(root)
            from type in order.Types
            where type.Namespace == order.Root && !type.IsNested && !order.Words.Contains(type) && !order.Wiring.Contains(type)
            select $"{type.FullName} belongs into a room"
        );

    [Fact]
    public void Engine_References_NoWebServer() =>
        Assert.DoesNotContain(
            Rooms.Engine.Assembly.GetReferencedAssemblies(),
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
            from type in Rooms.Web.Types
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
            from assembly in new[] { Rooms.Engine.Assembly, Rooms.Web.Assembly, Rooms.Sandbox }
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

    private static RoomOrder[] Named(string root) => [root == Rooms.Engine.Root ? Rooms.Engine : Rooms.Web];

    private static void AssertNone(IEnumerable<string> violations)
    {
        if (string.Join('\n', violations.Distinct()) is { Length: > 0 } found)
            Assert.Fail(found);
    }
}
