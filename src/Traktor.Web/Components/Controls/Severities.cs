using MudBlazor;
using Traktor.Web.Live.Mesh;
using Severity = Traktor.Engine.Severity;

namespace Traktor.Web.Components.Controls;

/// <summary>How health and findings are shown: by an icon and a sentence, never by colour alone.</summary>
internal static class Severities
{
    public static string Icon(Health health) =>
        health switch
        {
            Health.Good => Icons.Material.Filled.CheckCircle,
            Health.Waiting => Icons.Material.Filled.Pending,
            _ => Icons.Material.Filled.Error,
        };

    public static string Icon(Severity severity) =>
        severity switch
        {
            Severity.Error => Icons.Material.Filled.Error,
            Severity.Warning => Icons.Material.Filled.Warning,
            _ => Icons.Material.Filled.Info,
        };

    public static Color Color(Severity severity) =>
        severity switch
        {
            Severity.Error => MudBlazor.Color.Error,
            Severity.Warning => MudBlazor.Color.Warning,
            _ => MudBlazor.Color.Info,
        };

    /// <summary>The severity in a word, for those who do not see the icon.</summary>
    public static string Name(Severity severity) =>
        severity switch
        {
            Severity.Error => "error",
            Severity.Warning => "warning",
            _ => "info",
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
