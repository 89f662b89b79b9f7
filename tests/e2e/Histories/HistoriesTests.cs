using System.Globalization;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Xunit.Sdk;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// Random histories on real meshes. One seed a mesh in the default tier, two in tier all;
/// <c>TRAKTOR_CONVERGENCE_SEEDS=n</c> plays n of them on each, and <c>TRAKTOR_CONVERGENCE_FIRST=s</c> begins with seed
/// s, so that one that failed can be played again.
/// </summary>
public sealed class HistoriesTests
{
    private static readonly int Seeds = Tier.IsAll ? 2 : 1;

    [Theory]
    [TierAll(16, 16, 16)]
    [TierAll(17, 17, 17)]
    [TierAll(18, 18, 18)]
    [TierAll(15, 15, 15)]
    [InlineData(15, 16, 17, 18)]
    public async Task RandomHistory_OnceAllIsMended_EveryNodeIsEqualAndNothingIsLost(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        await PlayAsync(mesh, majors);
    }

    /// <summary>One server five seconds ahead, one whose clock jumps, back as well as ahead.</summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task RandomHistory_WithClocksThatDisagreeAndJump_EndsEqualAndNothingIsLost()
    {
        int[] majors = [16, 17, 18];
        await using var mesh = await TestMesh.StartAsync(majors, null, haveOwnClocks: true);
        mesh[1].Server.Clock!.Set(TimeSpan.FromSeconds(5));
        await mesh.ConnectAllAsync();
        using var isOver = new CancellationTokenSource();
        var jumping = Task.Run(async () =>
        {
            for (var random = new Random(1); !isOver.IsCancellationRequested; await Task.Delay(700))
                mesh[2].Server.Clock!.Set(TimeSpan.FromMilliseconds(random.Next(-4000, 4000)));
        });
        await PlayAsync(mesh, majors);
        await isOver.CancelAsync();
        await jumping;
    }

    /// <summary>What is shown without the detector: that it is needed, and that these histories notice.</summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task RandomHistory_WithoutTheDetector_EndsDifferent()
    {
        await using var mesh = await TestMesh.StartFullAsync(17, 17, 17);
        await ContestedTable.CreateAsync(mesh);
        foreach (var table in ContestedTable.All)
            (
                await mesh[0].Api.PutAsync($"/v1/arbiter/policy/{Uri.EscapeDataString(table.Name)}?scope=mesh", new { detector = false })
            ).Expect(200);
        await mesh.AgreeAsync(
            "select count(*) from pg_trigger where tgname like 'trktr_detect%' and tgrelid <> 'public.h_audit'::regclass",
            "0"
        );
        for (var seed = 0; seed < 4; seed++)
        {
            try
            {
                await new RandomHistory(mesh, seed) { Patience = TimeSpan.FromSeconds(15) }.PlayAsync();
            }
            catch (XunitException)
            {
                return;
            }
        }

        Assert.Fail("Four histories ended equal though nobody saw their silent conflicts.");
    }

    private static async Task PlayAsync(TestMesh mesh, int[] majors)
    {
        await ContestedTable.CreateAsync(mesh);
        var first = Number("TRAKTOR_CONVERGENCE_FIRST", majors.Sum());
        for (var seed = first; seed < first + Number("TRAKTOR_CONVERGENCE_SEEDS", Seeds); seed++)
        {
            try
            {
                await new RandomHistory(mesh, seed).PlayAsync();
            }
            catch (Exception e) when (e is XunitException or HttpRequestException or Npgsql.NpgsqlException)
            {
                Assert.Fail($"Seed {seed} on {string.Join(", ", majors)} (TRAKTOR_CONVERGENCE_FIRST={seed} plays it first): {e.Message}");
            }
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
