using MudBlazor;
using Traktor.Web.Live;

namespace Traktor.Web.Components.Controls;

/// <summary>How a mood is shown: never by colour alone.</summary>
internal static class Moods
{
    public static string Icon(Mood mood) =>
        mood switch
        {
            Mood.Good => Icons.Material.Filled.CheckCircle,
            Mood.Waiting => Icons.Material.Filled.Pending,
            _ => Icons.Material.Filled.Error,
        };

    /// <summary>A node's mood and the sentence for it.</summary>
    public static (Mood Mood, string Words) Of(NodeSeen node)
    {
        if (node.Problem is not null)
            return (Mood.Bad, node.Heard is null ? "Its arbiter has never answered." : "Its arbiter does not answer.");
        if (node.Status is not { } status)
            return (Mood.Waiting, "Being asked.");
        var headline = Headline.Of(status);
        return (headline.Mood, headline.Text);
    }
}
