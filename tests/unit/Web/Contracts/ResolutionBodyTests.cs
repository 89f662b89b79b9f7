using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Values;

namespace Traktor.UnitTests.Web.Contracts;

public sealed class ResolutionBodyTests
{
    [Fact]
    public void Read_Least_IsForTheMeshByTheCaller()
    {
        var request = Read("""{"resolution":"keep_local"}""");
        Assert.NotEqual(Scope.Node, request.Scope);
        Assert.Equal(new HandDecision(Resolution.KeepLocal, null), request.ToDecision());
    }

    [Fact]
    public void Read_All_IsTaken()
    {
        var request = Read(
            """
            {"resolution":"merge","row":{"id":1,"deep":{"a":[{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}]}},
             "scope":"node","by":" Night shift "}
            """
        );
        Assert.Equal(Scope.Node, request.Scope);
        Assert.Equal((Resolution.Merge, " Night shift "), (request.Resolution, request.ToDecision().By));
        Assert.Equal(1, request.Row!.Value.GetProperty("id").GetInt32());
    }

    [Fact]
    public void Read_Expected_IsTaken()
    {
        var stamp = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero).AddTicks(1234560);
        Assert.Equal(
            (stamp, 1),
            (
                Read("""{"resolution":"newest","expected":{"stamp":"2026-11-24T10:00:00.123456+01:00","origin":1}}""").ToDecision().Expected
                    is { } seen
                    ? (seen.Stamp, seen.Origin)
                    : default
            )
        );
        Assert.Null(Read("""{"resolution":"newest","expected":null}""").ToDecision().Expected);
        Assert.Null(Read("""{"resolution":"newest","expected":{"stamp":null,"origin":null}}""").Expected!.Stamp);
    }

    [Theory]
    [InlineData("{}", "'resolution' is missing")]
    [InlineData("""{"resolution":"KEEP_LOCAL"}""", "must be one of keep_local, apply_remote, newest, merge")]
    [InlineData("""{"resolution":1}""", "must be a string, not a number")]
    [InlineData("""{"resolution":"\ud800"}""", "must be one of")]
    [InlineData("""{"resolution":"merge"}""", "'row' is required with merge")]
    [InlineData("""{"resolution":"merge","row":[]}""", "must be an object, not an array")]
    [InlineData("""{"resolution":"merge","row":{"a":"\u0000"}}""", "cannot store")]
    [InlineData("""{"resolution":"merge","row":{"a":["\udc00"]}}""", "cannot store")]
    [InlineData("""{"resolution":"newest","row":{}}""", "allowed only with merge")]
    [InlineData("""{"resolution":"newest","scope":"all"}""", "must be one of mesh, node")]
    [InlineData("""{"resolution":"newest","by":""}""", "'by' must be a text of 1 to 200 characters")]
    [InlineData("""{"resolution":"newest","who":"x"}""", "'who' is unknown")]
    [InlineData("""{"resolution":"newest","expected":1}""", "must be an object, not a number")]
    [InlineData("""{"resolution":"newest","expected":{"stamp":"yesterday"}}""", "'expected.stamp' must be an ISO 8601 time")]
    [InlineData("""{"resolution":"newest","expected":{"origin":"1"}}""", "'expected.origin' must be a number, not a string")]
    [InlineData("""{"resolution":"newest","expected":{"time":null}}""", "'expected.time' is unknown")]
    public void Read_Wrong_NamesTheField(string body, string expected)
    {
        var refused = Assert.Throws<RefusedException>(() => Read(body));
        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoBody_SaysWhatToSend() =>
        Assert.Contains(
            "keep_local",
            Assert.Throws<RefusedException>(() => new JsonBody<ResolutionBody>(null).Value).Hint,
            StringComparison.Ordinal
        );

    private static ResolutionBody Read(string body) => JsonBody<ResolutionBody>.Read(JsonSerializer.Deserialize<JsonElement>(body));
}
