using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Tables;

namespace Traktor.UnitTests.Web.Contracts;

public sealed class PolicyRequestTests
{
    [Fact]
    public void Read_EveryPolicy_IsTaken()
    {
        foreach (var policy in Enum.GetValues<Policy>())
            Assert.Equal(policy, JsonBody<PolicyRequest>.Read(Json($$"""{"policy":"{{ConflictWords.Of(policy)}}"}""")).Policy);
    }

    [Fact]
    public void Read_DetectorAlone_LeavesThePolicy() =>
        Assert.Equal(
            (null, (bool?)false),
            (
                JsonBody<PolicyRequest>.Read(Json("""{"detector":false}""")).Policy,
                JsonBody<PolicyRequest>.Read(Json("""{"detector":false}""")).Detector
            )
        );

    [Theory]
    [InlineData("{}", "one of the fields 'policy' and 'detector' is required")]
    [InlineData("""{"detector":"no"}""", "'detector' must be true or false")]
    [InlineData(
        """{"policy":"latest"}""",
        "must be one of last_update_wins, first_update_wins, node_priority, keep_local, apply_remote, manual"
    )]
    [InlineData("""{"policy":"manual","table":"x"}""", "'table' is unknown")]
    public void Read_WrongPolicy_NamesTheField(string body, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<RefusedException>(() => JsonBody<PolicyRequest>.Read(Json(body))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_Priorities_AreByNode()
    {
        var priorities = JsonBody<PriorityRequest>.Read(Json("""{"priorities":{"2":0,"0":-5}}""")).ByNode();
        Assert.Equal((2, 0, -5), (priorities.Count, priorities[2], priorities[0]));
        Assert.Empty(JsonBody<PriorityRequest>.Read(Json("""{"priorities":{}}""")).ByNode());
    }

    [Theory]
    [InlineData("{}", "'priorities' is missing")]
    [InlineData("""{"priorities":[]}""", "must be an object")]
    [InlineData("""{"priorities":{"x":1}}""", "not a NodeID")]
    [InlineData("""{"priorities":{"32768":1}}""", "not a NodeID")]
    [InlineData("""{"priorities":{"1":1.5}}""", "'priorities.1' must be an integer")]
    [InlineData("""{"priorities":{"1":1,"01":2}}""", "the field 'priorities' has node 1 twice")]
    public void Read_WrongPriorities_NamesTheField(string body, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<RefusedException>(() => JsonBody<PriorityRequest>.Read(Json(body))).Message,
            StringComparison.Ordinal
        );

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
