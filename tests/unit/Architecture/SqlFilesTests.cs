using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>Every statement that lies in a file of its own.</summary>
public sealed class SqlFilesTests
{
    private static readonly string[] Files =
    [
        .. Rooms.Engine.Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)),
    ];

    // Paths stand in the code as literals; a constant is one too where it is used.
    private static readonly HashSet<string> Literals =
    [
        .. Rooms.Engine.Assembly.GetTypes().SelectMany(TypeUse.Methods).SelectMany(CodeReader.Operands).OfType<string>(),
    ];

    [Fact]
    public void Embedded_EveryFileOfTheSources() =>
        Assert.Equal(
            Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "src", "Traktor.Engine"), "*.sql", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Path.Combine(Repository.Root, "src", "Traktor.Engine"), file).Replace('\\', '/'))
                .Where(file => !file.StartsWith("bin/", StringComparison.Ordinal) && !file.StartsWith("obj/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
            Files.Order(StringComparer.Ordinal)
        );

    [Fact]
    public void EveryFile_IsReadBySomebody() =>
        Assert.All(
            Files,
            file => Assert.True(Literals.Contains(file) || IsInAFolderThatIsRead(file), $"{file} is read by nobody: delete it.")
        );

    [Fact]
    public void EveryPathInTheCode_IsAFile() =>
        Assert.Empty(
            Literals
                .Where(text => text.EndsWith(".sql", StringComparison.Ordinal) && text.Contains('/', StringComparison.Ordinal))
                .Except(Files)
        );

    [Fact]
    public void EveryFile_BeginsWithWhatItIsFor() =>
        Assert.Empty(
            from file in Files
            let lines = SqlFile.Read(file).Split('\n')
            where
                !lines[0].StartsWith("-- ", StringComparison.Ordinal)
                || lines[0].Length < 20
                || !lines.Any(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal))
            select file
        );

    // What makes our schema is named after what it makes.
    [Fact]
    public void EveryFile_IsNamedVerbNoun() =>
        Assert.All(
            Files.Where(file => !file.StartsWith("Schema/", StringComparison.Ordinal)),
            file => Assert.Matches(@"^[a-z]+(_[a-z]+)+\.sql$", Path.GetFileName(file))
        );

    private static bool IsInAFolderThatIsRead(string file) => Literals.Contains(file[..file.LastIndexOf('/')]);
}
