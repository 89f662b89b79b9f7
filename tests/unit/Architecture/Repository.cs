namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The C# sources of a project, without what the build generates.</summary>
    public static IEnumerable<string> Sources(string project) => Below(Path.Combine(Root, "src", project), ".cs");

    /// <summary>All files whose path ends so, without what the build generates.</summary>
    public static IEnumerable<string> Files(params string[] endings) => Below(Root, endings);

    private static IEnumerable<string> Below(string folder, params string[] endings) =>
        Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)))
            .Where(file =>
                !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "artifacts")
            );

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Traktor.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Traktor.sln is in no folder above the tests.");
    }
}
