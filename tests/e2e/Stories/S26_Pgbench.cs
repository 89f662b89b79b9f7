using System.Diagnostics;
using System.Globalization;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Xunit.Abstractions;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// pgbench's own tables and default script on all nodes at once: one branch, ten tellers, which every transaction of
/// every node updates. A short run each time;
/// <c>TRAKTOR_PGBENCH_SECONDS=60</c> makes it longer.
/// </summary>
public sealed class S26_Pgbench(ITestOutputHelper output)
{
    private const int Clients = 4;

    private static readonly string[] Tables = ["pgbench_branches", "pgbench_tellers", "pgbench_accounts", "pgbench_history"];

    [Fact]
    [Trait("Tier", "turn")]
    public async Task DefaultScript_OnAllNodesAtOnce_EndsEqualAndExplainsEveryOverwrittenBalance()
    {
        var seconds =
            int.TryParse(
                Environment.GetEnvironmentVariable("TRAKTOR_PGBENCH_SECONDS"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var asked
            )
                ? asked
            : Tier.IsAll ? 15
            : 8;
        var program = await ProgramAsync();
        await using var mesh = await TestMesh.StartFullAsync(18, 18, 18);
        foreach (var node in mesh.Nodes)
        {
            await RunAsync(program, node, "-i", "-q", "-I", "dtp");
            await node.ExecuteAsync("alter table pgbench_history add column id uuid primary key default gen_random_uuid()");
        }

        foreach (var node in mesh.Nodes)
        foreach (var table in Tables)
            await node.StageAsync($"public.{table}");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        await RunAsync(program, mesh[0], "-i", "-q", "-I", "g");
        foreach (var table in Tables)
            await Split.AwaitEqualAsync(mesh, table, TimeSpan.FromSeconds(60));
        var before = await WinnersAsync(mesh);

        var reports = await Task.WhenAll(
            mesh.Nodes.Select(node =>
                RunAsync(program, node, "-n", "-c", $"{Clients}", "-j", "1", "-T", seconds.ToString(CultureInfo.InvariantCulture))
            )
        );

        var clock = Stopwatch.StartNew();
        foreach (var table in Tables)
            await Split.AwaitEqualAsync(mesh, table, TimeSpan.FromMinutes(3));
        var equal = clock.Elapsed;
        await mesh.RestAsync();
        foreach (var table in Tables)
            await Split.AwaitEqualAsync(mesh, table);
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
        foreach (var node in mesh.Nodes)
        foreach (var from in mesh.Nodes.Where(from => from != node))
            Assert.Equal("streaming", (string?)(await node.SubscriptionAsync(from.Id))!["state"]);

        // A balance is not the sum of what was added to it only where an addition was overwritten, and some node has
        // that on record.
        var unexplained = (
            await Task.WhenAll(
                mesh.Nodes.Select(async node =>
                    (
                        await node.TextAsync(
                            """
                            select a.aid
                            from pgbench_accounts a
                            left join (select aid, sum(delta) as delta from pgbench_history group by aid) h using (aid)
                            where a.abalance <> coalesce(h.delta, 0)
                              and not exists (
                                  select
                                  from trktr.history c
                                  where c.relation = 'public.pgbench_accounts'
                                    and c.key = jsonb_build_object('aid', a.aid::text)
                              )
                            """
                        )
                    ).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                )
            )
        ).Aggregate((left, right) => [.. left.Intersect(right)]);
        Assert.Empty(unexplained);
        var conflicts = 0L;
        foreach (var node in mesh.Nodes)
        {
            conflicts += await node.ScalarAsync<long>("select count(*) from trktr.history");
            Assert.NotEqual("0", await node.TextAsync("select count(*) from trktr.history where relation = 'public.pgbench_branches'"));
        }

        output.WriteLine(
            string.Join(
                '\n',
                reports
                    .SelectMany(report => report.Split('\n'))
                    .Where(line =>
                        line.StartsWith("tps", StringComparison.Ordinal) || line.StartsWith("latency average", StringComparison.Ordinal)
                    )
            )
        );
        var (transactions, winners) = (
            await mesh[0].ScalarAsync<long>("select count(*) from pgbench_history"),
            await WinnersAsync(mesh) - before
        );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{seconds} s, {transactions} transactions; equal after {equal.TotalSeconds:0.0} s; {conflicts} conflicts on "
                    + $"record, {(double)winners / conflicts:0.00} winners a conflict"
            )
        );
    }

    private static async Task<long> WinnersAsync(TestMesh mesh)
    {
        var told = 0L;
        foreach (var node in mesh.Nodes)
            told += await node.ScalarAsync<long>("select last_value from trktr.winner_seq");
        return told;
    }

    private static async Task<string> ProgramAsync()
    {
        if (Find() is null)
            await SystemPackage.InstallAsync("postgresql-contrib");
        return Find()
            ?? throw new InvalidOperationException("This test needs pgbench, of any version from 15: install PostgreSQL's package.");
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Concat(
                Directory.Exists("/usr/lib/postgresql")
                    ? Directory
                        .GetDirectories("/usr/lib/postgresql")
                        .Order(StringComparer.Ordinal)
                        .Select(version => Path.Combine(version, "bin"))
                    : []
            )
            .Select(folder => Path.Combine(folder, "pgbench"))
            .FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string program, MeshNode node, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, [.. arguments, node.Server.Conninfo(TestMesh.Database)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"pgbench {string.Join(' ', arguments)}: {await complained}");
        return await said;
    }
}
