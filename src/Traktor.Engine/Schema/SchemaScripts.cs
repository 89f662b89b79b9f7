using System.Globalization;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Schema;

/// <summary>
/// The scripts that create schema trktr, of two kinds. Migrations run once, in the order of their numbers. Any-time
/// scripts (functions, views, grants) run after the migrations, and again whenever their text has changed.
/// </summary>
public sealed class SchemaScripts
{
    internal const string MigrationFolder = "Schema/Migrations";
    internal const string FunctionFolder = "Schema/Functions";
    internal const string ViewFolder = "Schema/Views";
    internal const string GrantFolder = "Schema/Grants";

    /// <param name="scripts">The scripts of one release, in any order.</param>
    public SchemaScripts(IReadOnlyCollection<SchemaScript> scripts)
    {
        Migrations = [.. scripts.Where(script => script.IsIn(MigrationFolder)).OrderBy(NumberOf)];
        // Views use functions, and so do the policies among the grants.
        AnyTime =
        [
            .. from folder in (string[])[FunctionFolder, ViewFolder, GrantFolder]
            from script in scripts
            where script.IsIn(folder)
            orderby Array.IndexOf([FunctionFolder, ViewFolder, GrantFolder], folder), script.Path
            select script,
        ];
        Version = NumberOf(Migrations[^1]);
        Hash = SchemaScript.Sha256(
            string.Join(
                '\n',
                AnyTime.OrderBy(script => script.Path, StringComparer.Ordinal).Select(script => $"{script.Path} {script.Hash}")
            )
        );
    }

    /// <summary>The scripts of this release.</summary>
    public static SchemaScripts Release { get; } =
        new([.. SqlFile.In("Schema").Select(path => new SchemaScript(path, SqlFile.Read(path).ReplaceLineEndings("\n")))]);

    public IReadOnlyList<SchemaScript> Migrations { get; }

    public IReadOnlyList<SchemaScript> AnyTime { get; }

    /// <summary>The number of the last migration, which is the schema's version.</summary>
    public int Version { get; }

    /// <summary>One hash of all any-time scripts; that of the installed ones is in <c>trktr.identity</c>.</summary>
    public string Hash { get; }

    public static int NumberOf(SchemaScript migration) => int.Parse(migration.Name.AsSpan(0, 3), CultureInfo.InvariantCulture);
}
