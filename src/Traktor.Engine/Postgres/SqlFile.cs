using System.Collections.Concurrent;
using System.Reflection;

namespace Traktor.Engine.Postgres;

/// <summary>The SQL statements in <c>.sql</c> files beside the code, embedded under their path.</summary>
public static class SqlFile
{
    private static readonly Assembly Home = typeof(SqlFile).Assembly;
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>
    /// The statement at <paramref name="path"/>, for example <c>Monitoring/read_subscriptions.sql</c>.
    /// </summary>
    public static string Read(string path) =>
        Texts.GetOrAdd(
            path,
            static path =>
            {
                using var stream =
                    Home.GetManifestResourceStream(path) ?? throw new InvalidOperationException($"There is no embedded statement {path}.");
                using var reader = new StreamReader(stream);
                return reader.ReadToEnd();
            }
        );

    /// <summary>All embedded files below a folder, ordered by name.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        [
            .. Home.GetManifestResourceNames()
                .Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
}
