using System.Diagnostics;

namespace Traktor.E2ETests.Mesh;

/// <summary>The script that <c>dotnet Traktor.Web.dll grants</c> prints, run as a superuser would run it.</summary>
internal static class Grants
{
    public const string Role = "traktor_arbiter";
    public const string Password = "traktor-for-tests-only";

    /// <summary>The connection string of a role that is no superuser.</summary>
    public static string Conninfo(MeshNode node) =>
        $"host=127.0.0.1 port={node.Server.Port} user={Role} password={Password} dbname={TestMesh.Database}";

    /// <summary>Has the command print the script for a node's arbiter.ini.</summary>
    public static async Task<string> PrintAsync(MeshNode node, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [ArbiterProcess.Assembly, "grants", "--config", node.Arbiter.ConfigurationFile, .. arguments]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var script = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        Assert.DoesNotContain(Password, script, StringComparison.Ordinal);
        return script;
    }

    /// <summary>Gives the node's arbiter a role that may do what the script grants, and no more.</summary>
    public static async Task UseAsync(MeshNode node)
    {
        await node.Arbiter.TerminateAsync();
        await node.Arbiter.ConfigureAsync(Conninfo(node));
        await node.ExecuteAsync($"create role {Role} login password '{Password}'");
        var script = await PrintAsync(node);
        await node.ExecuteAsync(script);
        await node.ExecuteAsync(script);
        await node.Arbiter.StartAsync();
    }
}
