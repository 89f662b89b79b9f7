using System.Text.Json;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Subscriptions;
using Traktor.Web.Api.Status;

namespace Traktor.UnitTests.Web.Contracts;

public sealed class StatusAnswerTests
{
    internal static NodeStatus Status(decimal? version = 16.14m) =>
        new(
            Node: 0,
            IsInitialized: true,
            IsReplicating: true,
            IsTainted: false,
            ConflictsPending: 1,
            ConflictsResolved: 7,
            ReplicationLagMs: 0.057,
            ServerVersion: version,
            ServerVersionNum: 160014,
            IsReachable: true,
            Problem: null,
            AsOf: new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
            Peers: [new PeerStatus(1, SubscriptionState.CatchingUp, null, 12, null, null)]
        );

    private static JsonElement Json(NodeStatus status) => JsonDocument.Parse(new StatusPage().Of(status)).RootElement;

    [Fact]
    public void Of_Status_HasBothGenerationsOfNames()
    {
        var json = Json(Status());

        Assert.Equal(0, json.GetProperty("node").GetInt32());
        Assert.True(json.GetProperty("is_replicating").GetBoolean());
        Assert.True(json.GetProperty("replicating").GetBoolean());
        Assert.False(json.GetProperty("is_tainted").GetBoolean());
        Assert.False(json.GetProperty("tainted").GetBoolean());
        Assert.Equal(1, json.GetProperty("conflicts_pending").GetInt64());
        Assert.Equal(7, json.GetProperty("conflicts_resolved").GetInt64());
        Assert.Equal(7, json.GetProperty("auto_resolved").GetInt64());
        Assert.Equal(0.057, json.GetProperty("replication_lag_ms").GetDouble());
    }

    [Fact]
    public void Of_VersionThatEndsInZero_KeepsTheZero() =>
        Assert.Equal("16.10", Json(Status(16.10m)).GetProperty("server_version").GetRawText());

    [Fact]
    public void Of_UnknownValues_AreNullAndNotLeftOut()
    {
        var json = Json(Status(null));

        Assert.Equal(JsonValueKind.Null, json.GetProperty("server_version").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("peers")[0].GetProperty("lag_ms").ValueKind);
    }

    [Fact]
    public void Of_Peer_HasItsStateInSnakeCase() =>
        Assert.Equal("catching_up", Json(Status()).GetProperty("peers")[0].GetProperty("state").GetString());

    [Fact]
    public void Of_AnotherSnapshot_IsNotTheOldBytes()
    {
        var page = new StatusPage();
        var status = Status();
        var first = page.Of(status);

        Assert.True(first.Span.Overlaps(page.Of(status).Span));
        Assert.Contains(
            "\"node\":5",
            System.Text.Encoding.UTF8.GetString(page.Of(status with { Node = 5 }).Span),
            StringComparison.Ordinal
        );
    }
}
