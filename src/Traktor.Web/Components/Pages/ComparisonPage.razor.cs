using Microsoft.AspNetCore.Components;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Tasks;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Components.Pages;

/// <summary>What a comparison has found; while it runs it is read again with every new view of the mesh.</summary>
public sealed partial class ComparisonPage
{
    private Comparison? _comparison;
    private (int Node, long Id) _shown = (-1, -1);
    private string? _problem;
    private bool _isReading;

    /// <summary>The node that ran it.</summary>
    [Parameter]
    public int Node { get; set; }

    /// <summary>Its number there.</summary>
    [Parameter]
    public long Id { get; set; }

    /// <summary>The table whose differences are shown.</summary>
    [SupplyParameterFromQuery]
    public string? Table { get; set; }

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    [Inject]
    private NodeClients NodeClients { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string Title => _comparison is { } comparison ? TaskTitle(comparison.Task) : $"Comparison {Id} of node {Node}";

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != (Node, Id))
            (_shown, _comparison, _problem) = ((Node, Id), null, null);
        if (_isReading || (_comparison is { } known && TaskRules.IsFinal(known.Task.State)))
            return;
        _isReading = true;
        var wanted = (Node, Id);
        Comparison? comparison = null;
        var problem = await Operator.TryAsync(async () =>
            comparison = await NodeClients.Reader(wanted.Node).ComparisonAsync(wanted.Id, default)
        );
        _isReading = false;
        if (wanted == (Node, Id))
            (_comparison, _problem) = (comparison ?? _comparison, problem);
    }

    private static string TaskTitle(TaskEntry task) => Tasks.TaskWords.Title(task);

    private void Choose(string table) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("table", table), replace: true);
}
