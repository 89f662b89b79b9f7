using Traktor.Engine;
using Traktor.Engine.Nodes;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.UnitTests.Engine.Subscriptions.Observation;

public sealed class PeerCheckTests
{
    private static readonly NodeIdentity Self = new(0, Guid.NewGuid(), 7, 16384, false, 1, "");
    private static readonly NodeProbe Peer = new(
        180004,
        HasSchema: true,
        IsStandby: false,
        DateTimeOffset.UnixEpoch,
        new NodeIdentity(1, Guid.NewGuid(), 7, 16384, false, 1, ""),
        IsOurs: true
    );

    [Fact]
    public void WhyRefused_TheNodeItClaimsToBe_Null() => Assert.Null(PeerCheck.WhyRefused(Peer, 1, Self, pre16Compatibility: false));

    [Fact]
    public void WhyRefused_TooOld_IsPreflight()
    {
        var refusal = PeerCheck.WhyRefused(Peer with { VersionNum = 150018 }, 1, Self, pre16Compatibility: false);

        Assert.Equal(RefusalKind.Preflight, refusal?.Kind);
        Assert.Contains("15.18", refusal?.Message, StringComparison.Ordinal);
        Assert.Null(PeerCheck.WhyRefused(Peer with { VersionNum = 150018 }, 1, Self, pre16Compatibility: true));
    }

    [Fact]
    public void WhyRefused_NotInitialised_SaysInitialise() => AssertConflict(Peer with { Identity = null }, 1, "not initialised");

    [Fact]
    public void WhyRefused_AnotherNode_NamesWhichOne() => AssertConflict(Peer, 2, "leads to node 1, not to node 2");

    [Fact]
    public void WhyRefused_Oneself_SaysSo() => AssertConflict(Peer with { Identity = Self }, 1, "this node itself");

    [Fact]
    public void WhyRefused_CopyOfOneselfUnderAnotherNumber_SaysSo() =>
        AssertConflict(Peer with { Identity = Self with { NodeId = 1 } }, 1, "copy of its database");

    [Fact]
    public void WhyRefused_Standby_SaysSo() => AssertConflict(Peer with { IsStandby = true }, 1, "standby");

    private static void AssertConflict(NodeProbe seen, int claimed, string part)
    {
        var refusal = PeerCheck.WhyRefused(seen, claimed, Self, pre16Compatibility: false);

        Assert.Equal(RefusalKind.Conflict, refusal?.Kind);
        Assert.Contains(part, refusal?.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal?.Hint);
    }
}
