using Traktor.Web.Components.Controls;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Components.Subscriptions;

/// <summary>The states of links in words, signs and CSS classes: colour is never the only difference.</summary>
internal static class EdgeWords
{
    public static readonly EdgeState[] All = Enum.GetValues<EdgeState>();

    public static string Class(EdgeState state) => "edge-" + state.ToString().ToLowerInvariant();

    public static string Sign(EdgeState state) =>
        state switch
        {
            EdgeState.Streaming => "●",
            EdgeState.CatchingUp => "»",
            EdgeState.Healing => "↻",
            EdgeState.WaitingForDecision => "◆",
            EdgeState.ApplyError => "✕",
            EdgeState.Broken => "≠",
            EdgeState.Paused => "‖",
            EdgeState.Disabled => "∅",
            EdgeState.Unreachable => "!",
            EdgeState.Missing => "+",
            _ => "?",
        };

    public static string Of(EdgeState state) =>
        state switch
        {
            EdgeState.Streaming => "streaming",
            EdgeState.CatchingUp => "catching up",
            EdgeState.Healing => "resolving conflicts",
            EdgeState.WaitingForDecision => "waiting for decision",
            EdgeState.ApplyError => "apply error",
            EdgeState.Broken => "broken",
            EdgeState.Paused => "paused",
            EdgeState.Disabled => "disabled",
            EdgeState.Unreachable => "sender unreachable",
            EdgeState.Missing => "missing",
            _ => "unknown",
        };

    /// <summary>The label of the line: the lag while the subscription runs, else the state.</summary>
    public static string Short(MeshEdge edge) =>
        edge is { State: EdgeState.Streaming or EdgeState.CatchingUp, Subscription.LagMs: { } lag }
            ? (edge.State == EdgeState.Streaming ? "" : Sign(edge.State) + " ") + Lag(lag)
        : edge is { State: EdgeState.Unreachable, Subscription.LagMs: { } age }
            ? $"{Sign(edge.State)} {Of(edge.State)}, {Shown.Duration(age)} behind"
        : $"{Sign(edge.State)} {Of(edge.State)}";

    /// <summary>The link as a sentence, for screen readers.</summary>
    public static string Sentence(MeshEdge edge)
    {
        var lag = edge is { State: EdgeState.Streaming or EdgeState.CatchingUp or EdgeState.Unreachable, Subscription.LagMs: { } ms }
            ? $", {Lag(ms)} behind"
            : "";
        return $"From node {edge.From} to node {edge.To}: {Of(edge.State)}{lag}";
    }

    private static string Lag(double milliseconds) => milliseconds < 1 ? "<1 ms" : Shown.Duration(milliseconds);
}
