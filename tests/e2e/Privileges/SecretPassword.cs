using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Privileges;

/// <summary>A password that every kind of quoting has to change, and that is recognised whatever quotes it.</summary>
internal static class SecretPassword
{
    public const string Value = """Zebra7Quagga'Okapi8 \Tapir9"Lemur5;@/""";

    /// <summary>Whatever quotes the password leaves these as they are.</summary>
    public static readonly string[] Fragments = ["Zebra7Quagga", "Okapi8", "Tapir9", "Lemur5"];

    public static string Conninfo(MeshNode node, string role, string password = Value) =>
        $"host=127.0.0.1 port={node.Server.Port} user={role} password={Quoted(password)} dbname={TestMesh.Database}";

    public static string Quoted(string value) =>
        "'" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>The administrator keeps it out of the log.</summary>
    public static async Task SetAsync(MeshNode node, string role)
    {
        await using var connection = await node.OpenAsync();
        foreach (
            var quiet in (string[])
                [
                    "log_statement = 'none'",
                    "log_min_duration_statement = -1",
                    "pg_stat_statements.track = none",
                    "log_min_error_statement = 'panic'",
                ]
        )
            await connection.ExecuteAsync("set " + quiet);
        await connection.ExecuteAsync($"alter role {role} password E{Quoted(Value)}");
    }

    public static bool IsIn(string text) => Fragments.Any(fragment => text.Contains(fragment, StringComparison.Ordinal));
}
