using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Web.Api;

namespace Traktor.UnitTests.Web;

public sealed class ResolutionRequestTests
{
    [Fact]
    public void Read_Least_IsForTheMeshByHand()
    {
        var request = Read("""{"resolution":"keep_local"}""");
        Assert.True(request.IsMesh);
        Assert.Equal((Resolution.KeepLocal, "by hand"), (request.Decision.Resolution, request.Decision.By));
        Assert.Null(request.Decision.Row);
    }

    [Fact]
    public void Read_All_IsTaken()
    {
        var request = Read(
            """{"resolution":"merge","row":{"id":1,"deep":{"a":[{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}]}},"scope":"node","by":" Night shift "}"""
        );
        Assert.False(request.IsMesh);
        Assert.Equal((Resolution.Merge, "Night shift"), (request.Decision.Resolution, request.Decision.By));
        Assert.Equal(1, request.Decision.Row!.Value.GetProperty("id").GetInt32());
    }

    [Fact]
    public void Read_Expected_IsTaken()
    {
        var stamp = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero).AddTicks(1234560);
        Assert.Equal(
            (stamp, 1),
            (
                Read("""{"resolution":"newest","expected":{"stamp":"2026-11-24T10:00:00.123456+01:00","origin":1}}""").Decision.Expected
                    is { } seen
                    ? (seen.Stamp, seen.Origin)
                    : default
            )
        );
        Assert.Null(Read("""{"resolution":"newest","expected":null}""").Decision.Expected);
        Assert.Null(Read("""{"resolution":"newest","expected":{"stamp":null,"origin":null}}""").Decision.Expected!.Stamp);
    }

    [Theory]
    [InlineData("{}", "'resolution' is missing")]
    [InlineData("""{"resolution":"KEEP_LOCAL"}""", "must be one of keep_local, apply_remote, newest, merge")]
    [InlineData("""{"resolution":1}""", "must be a string, and is a number")]
    [InlineData("""{"resolution":"\ud800"}""", "must be one of")]
    [InlineData("""{"resolution":"merge"}""", "'row' is missing")]
    [InlineData("""{"resolution":"merge","row":[]}""", "must be an object, and is an array")]
    [InlineData("""{"resolution":"merge","row":{"a":"\u0000"}}""", "cannot store")]
    [InlineData("""{"resolution":"merge","row":{"a":["\udc00"]}}""", "cannot store")]
    [InlineData("""{"resolution":"newest","row":{}}""", "only taken with merge")]
    [InlineData("""{"resolution":"newest","scope":"all"}""", "must be one of mesh, node")]
    [InlineData("""{"resolution":"newest","by":""}""", "1 to 200 characters")]
    [InlineData("""{"resolution":"newest","who":"x"}""", "'who' is not known")]
    [InlineData("""{"resolution":"newest","expected":1}""", "must be an object, and is a number")]
    [InlineData("""{"resolution":"newest","expected":{"stamp":"yesterday"}}""", "ISO 8601")]
    [InlineData("""{"resolution":"newest","expected":{"origin":"1"}}""", "a NodeID")]
    [InlineData("""{"resolution":"newest","expected":{"time":null}}""", "ISO 8601")]
    public void Read_Wrong_NamesTheField(string body, string expected)
    {
        var refused = Assert.Throws<RefusedException>(() => Read(body));
        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoBody_SaysWhatToSend() =>
        Assert.Contains("keep_local", Assert.Throws<RefusedException>(() => ResolutionRequest.Read(null)).Hint, StringComparison.Ordinal);

    private static ResolutionRequest Read(string body) => ResolutionRequest.Read(JsonSerializer.Deserialize<JsonElement>(body));
}
