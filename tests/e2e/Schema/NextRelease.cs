using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Schema;

/// <summary>
/// A release after this one, with everything that can change: a migration, a function with another body, one with
/// another signature, one that is gone, a new one, a view with a column more, a grant.
/// </summary>
internal static class NextRelease
{
    public static SchemaScripts Scripts { get; } = Make();

    /// <summary>This release with other or further scripts.</summary>
    public static SchemaScripts With(params SchemaScript[] changed) => With(SchemaScripts.Release, changed);

    /// <summary>A release with other or further scripts.</summary>
    public static SchemaScripts With(SchemaScripts release, params SchemaScript[] changed) =>
        new([.. All(release).Where(script => changed.All(other => other.Path != script.Path)), .. changed]);

    public static SchemaScript Script(string path) => All(SchemaScripts.Release).Single(script => script.Path == path);

    private static IEnumerable<SchemaScript> All(SchemaScripts release) => release.Migrations.Concat(release.AnyTime);

    private static SchemaScripts Make()
    {
        var image = Script("Schema/Functions/image.sql");
        var key = Script("Schema/Functions/key_of.sql");
        var view = Script("Schema/Views/resolutions.sql");
        var grant = Script("Schema/Grants/contested_key.sql");
        var release = With(
            new SchemaScript(
                "Schema/Migrations/002_add_notes.sql",
                "-- Next.\nalter table trktr.node add column notes text;\nupdate trktr.node set notes = arbiter_url;\n"
            ),
            image with
            {
                Text = image.Text.Replace("begin\n", "begin\n    -- The next release's.\n", StringComparison.Ordinal),
            },
            key with
            {
                Text = key.Text.Replace("columns text[])", "columns text[], prefix text default '')", StringComparison.Ordinal),
            },
            view with
            {
                Text = view.Text.Replace("    merged_row\n", "    merged_row,\n    revision\n", StringComparison.Ordinal),
            },
            grant with
            {
                Text = grant.Text.Replace(
                    "(schema_name, table_name, 'own')",
                    "(schema_name, table_name, 'select')",
                    StringComparison.Ordinal
                ),
            },
            new SchemaScript(
                "Schema/Functions/newcomer.sql",
                "-- Next.\ncreate or replace function trktr.newcomer() returns integer language sql return 1;\n"
            )
        );
        return new SchemaScripts([.. All(release).Where(script => script.Path != "Schema/Functions/unescape_json.sql")]);
    }
}
