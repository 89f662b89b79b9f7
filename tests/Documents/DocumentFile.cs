namespace Traktor.Documents;

/// <summary>The pages of docs/ in the working tree that the tests were built from.</summary>
internal static class DocumentFile
{
    public static string Read(string page)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Traktor.sln")))
                return File.ReadAllText(Path.Combine(folder.FullName, "docs", page));
        throw new InvalidOperationException("Traktor.sln is in no folder above the tests.");
    }
}
