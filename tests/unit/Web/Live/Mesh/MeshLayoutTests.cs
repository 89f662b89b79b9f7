using Traktor.Web.Live.Mesh;

namespace Traktor.UnitTests.Web.Live.Mesh;

public sealed class MeshLayoutTests
{
    public static TheoryData<int> Counts => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Counts))]
    public void Places_AnyMesh_AreInsideAndApart(int count)
    {
        var places = MeshLayout.Places(count);
        var radius = MeshLayout.Radius(count);

        Assert.Equal(count, places.Count);
        Assert.All(
            places,
            place =>
            {
                Assert.InRange(place.X, radius, MeshLayout.Width - radius);
                Assert.InRange(place.Y, radius, MeshLayout.Height - radius);
            }
        );
        foreach (var (a, b) in Pairs(places))
            Assert.True(a.DistanceTo(b) > (2 * radius) + 10, $"{a} and {b} touch.");
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Edge_BothDirections_NeverCoverEachOther(int count)
    {
        var radius = MeshLayout.Radius(count);
        foreach (var (a, b) in Pairs(MeshLayout.Places(count)))
        {
            var (there, back) = (MeshLayout.Edge(a, b, radius), MeshLayout.Edge(b, a, radius));
            Assert.True(there.Bend.DistanceTo(back.Bend) > 30);
            Assert.True(there.Label.DistanceTo(back.Label) > 12);
        }
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Edge_AnyPair_GoesFromRimToRim(int count)
    {
        var radius = MeshLayout.Radius(count);
        foreach (var (a, b) in Pairs(MeshLayout.Places(count)))
        {
            var edge = MeshLayout.Edge(a, b, radius);
            Assert.Equal(radius, edge.Start.DistanceTo(a), 6);
            Assert.InRange(edge.Tip.DistanceTo(b), radius, radius + 5);
        }
    }

    private static IEnumerable<(MeshPoint, MeshPoint)> Pairs(IReadOnlyList<MeshPoint> places) =>
        from i in Enumerable.Range(0, places.Count)
        from j in Enumerable.Range(i + 1, places.Count - i - 1)
        select (places[i], places[j]);
}
