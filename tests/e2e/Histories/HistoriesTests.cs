using System.Globalization;
using Traktor.E2ETests.Mesh;
using Xunit.Sdk;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// Random histories on real meshes. A few seeds in every run; <c>TRAKTOR_CONVERGENCE_SEEDS=n</c> plays n of them on each mesh, and <c>TRAKTOR_CONVERGENCE_FIRST=s</c> begins
/// with seed s, so that one that failed can be played again.
/// </summary>
public sealed class HistoriesTests
{
    private const int Seeds = 2;

    [Theory]
    [InlineData(16, 16, 16)]
    [InlineData(17, 17, 17)]
    [InlineData(18, 18, 18)]
    [InlineData(15, 15, 15)]
    [InlineData(15, 16, 17, 18)]
    public async Task RandomHistory_OnceAllIsMended_EveryNodeIsEqualAndNothingIsLost(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
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
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
