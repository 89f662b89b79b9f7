using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>
/// The samples of docs/feed.md run as they stand there, the JavaScript one under node with npm's own client.
/// </summary>
public sealed partial class FeedSampleTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task DotNet_AsDocumented_IsToldOfTheMeshAlsoAfterARestart()
    {
        var source = await File.ReadAllTextAsync(Path.Combine(Root(), "tests/e2e/Conflicts/FeedSample.cs"));
        var sample = Indent().Replace(source.Split("    // sample\n")[1].Split("    // end\n")[0], "").TrimEnd();
        Assert.Equal(sample, await SampleAsync("csharp"));

        var said = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var listening = FeedSample.ListenAsync(conflicts.Mesh[0].Api.Address, ArbiterProcess.ApiKey, said.Enqueue, stop.Token);
        await ExpectAsync(said, 0, 3001);
        await conflicts.Mesh[0].Arbiter.KillAsync();
        await conflicts.Mesh[0].Arbiter.StartAsync();
        await ExpectAsync(said, 1, 3002);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task JavaScript_AsDocumented_IsToldOfTheMesh()
    {
        var folder = Directory.CreateTempSubdirectory("traktor-feed-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "feed.mjs"), await SampleAsync("js"));
            using (
                var install = Start(
                    folder,
                    "npm",
                    ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "@microsoft/signalr"],
                    static _ => { }
                )
            )
            {
                await install.WaitForExitAsync();
                Assert.Equal(0, install.ExitCode);
            }

            var said = new ConcurrentQueue<string>();
            using var node = Start(folder, "node", ["feed.mjs"], said.Enqueue);
            try
            {
                await ExpectAsync(said, 0, 3011);
                await ExpectAsync(said, 1, 3012);
            }
            finally
            {
                node.Kill();
                await node.WaitForExitAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task ExpectAsync(ConcurrentQueue<string> said, int node, int key)
    {
        await conflicts.WaitingAsync(node, key);
        await Eventually.TrueAsync(
            $"the sample tells of {key}",
            () => said.Any(line => line.Replace(" ", "", StringComparison.Ordinal) == $"node{node}:shop.orders{{\"id\":{key}}}ispending"),
            () => string.Join('\n', said)
        );
    }

    private Process Start(string folder, string program, string[] arguments, Action<string> line)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TRAKTOR_URL"] = conflicts.Mesh[0].Api.Address.ToString().TrimEnd('/');
        start.Environment["TRAKTOR_KEY"] = ArbiterProcess.ApiKey;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => line(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => line(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<string> SampleAsync(string language) =>
        (await File.ReadAllTextAsync(Path.Combine(Root(), "docs/feed.md"))).Split($"```{language}\n")[1].Split("\n```")[0];

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Traktor.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex("^    ", RegexOptions.Multiline)]
    private static partial Regex Indent();
}
