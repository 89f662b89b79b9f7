using System.Globalization;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// The version of our own objects: the number of the last upgrade file that was run. Each file is one step; a release only ever adds files.
/// </summary>
public static class SchemaVersion
{
    private const string Folder = "Schema/Upgrades";

    /// <summary>The version that this release installs and needs.</summary>
    public static int Current { get; } = NumberOf(SqlFile.In(Folder)[^1]);

    /// <summary>Runs, in the caller's transaction, every step after <paramref name="installed"/>.</summary>
    public static async Task UpgradeAsync(NpgsqlConnection connection, int installed, CancellationToken cancel)
    {
        foreach (var file in SqlFile.In(Folder).Where(file => NumberOf(file) > installed))
        {
            await using var step = new NpgsqlCommand(SqlFile.Read(file), connection);
            await step.ExecuteNonQueryAsync(cancel);
        }
    }

    private static int NumberOf(string file) => int.Parse(Path.GetFileName(file).AsSpan(0, 3), CultureInfo.InvariantCulture);
}
