using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.E2ETests.Detector;

/// <summary>Has a server forget the commit timestamps that it has.</summary>
internal static class ForgottenStamps
{
    /// <summary>
    /// Freezes the rows of all databases, after which the server keeps no commit timestamp of transactions before that.
    /// </summary>
    public static async Task ForgetAsync(MeshNode node, string table)
    {
        await node.ExecuteAsync("alter database template0 allow_connections true");
        foreach (var database in (string[])["template0", "template1", "postgres", TestMesh.Database])
        {
            var settings = Conninfo.Parse(node.Server.Conninfo(database)).ToNpgsql();
            settings.Pooling = false;
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync();
            await connection.ExecuteAsync("vacuum (freeze)");
        }

        Assert.True(await node.ScalarAsync<bool>($"select bool_and(pg_xact_commit_timestamp(xmin) is null) from {table}"));
    }
}
