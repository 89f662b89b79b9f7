using MudBlazor;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Components.Controls;

/// <summary>How health is shown: by an icon and a sentence, never by colour alone.</summary>
internal static class Severities
{
    public static string Icon(Health health) =>
        health switch
        {
            Health.Good => Icons.Material.Filled.CheckCircle,
            Health.Waiting => Icons.Material.Filled.Pending,
            _ => Icons.Material.Filled.Error,
        };

    /// <summary>A node's health and the sentence for it.</summary>
    public static (Health Health, string Words) Of(NodeSeen node)
    {
        if (node.Problem is not null)
            return (Health.Bad, node.LastContactAt is null ? "Its arbiter has not answered yet." : "Its arbiter does not answer.");
        if (node.Status is not { } status)
            return (Health.Waiting, "Loading…");
        var headline = Headline.Of(status);
        return (headline.Health, headline.Text);
    }
}
