namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The C# sources of a project, without what the build generates.</summary>
    public static IEnumerable<string> Sources(string project) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Traktor.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Traktor.sln is in no folder above the tests.");
    }
}
