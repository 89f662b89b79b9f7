using System.Text.Json;
using Traktor.Engine;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Mesh;

namespace Traktor.UnitTests.Web.Contracts;

public sealed class SubscriptionRequestTests
{
    [Fact]
    public void Read_TheTutorialsBody_HasBothFields()
    {
        var request = Read("""{"inbound_node": 1, "connection_string": "host=localhost port=5434"}""");

        Assert.Equal(new SubscriptionRequest(1, "host=localhost port=5434"), request);
    }

    [Theory]
    [InlineData("""{"connection_string":"x"}""", "'inbound_node' is missing")]
    [InlineData("""{"inbound_node":1}""", "'connection_string' is missing")]
    [InlineData("""{"inbound_node":"1","connection_string":"x"}""", "'inbound_node' must be a number, not a string")]
    [InlineData("""{"inbound_node":1.5,"connection_string":"x"}""", "'inbound_node' must be an integer")]
    [InlineData("""{"inbound_node":99999999999,"connection_string":"x"}""", "'inbound_node' must be an integer")]
    [InlineData("""{"inbound_node":1,"connection_string":null}""", "'connection_string' must be a string, not null")]
    [InlineData("""{"inbound_node":1,"connection_string":"\ud800"}""", "'connection_string' is not valid Unicode")]
    [InlineData("""{"inbound_node":1,"connection_string":"x","conection":2}""", "'conection' is unknown")]
    [InlineData("""{"inbound_node":1,"connection_string":"x","\ud800":2}""", "name of a field is not valid Unicode")]
    [InlineData("""{"\ud800, longer than any field's name":2}""", "name of a field is not valid Unicode")]
    [InlineData("[]", "must be a JSON object, not an array")]
    public void Read_WrongField_IsNamed(string body, string expected) =>
        Assert.Contains(expected, Assert.Throws<RefusedException>(() => Read(body)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_SeveralWrongFields_AreAllNamed()
    {
        var refused = Assert.Throws<RefusedException>(() => Read("""{"inbound_node":true,"a":1}"""));

        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Contains("'inbound_node'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'a'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'connection_string'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoBody_SaysWhatToSend() =>
        Assert.Contains(
            "body is missing",
            Assert.Throws<RefusedException>(() => new JsonBody<SubscriptionRequest>(null).Value).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_ForDelete_NeedsOnlyTheNode() =>
        Assert.Equal(1, JsonBody<UnsubscribeRequest>.Read(JsonDocument.Parse("""{"inbound_node":1}""").RootElement).InboundNode);

    private static SubscriptionRequest Read(string body) => JsonBody<SubscriptionRequest>.Read(JsonDocument.Parse(body).RootElement);
}
