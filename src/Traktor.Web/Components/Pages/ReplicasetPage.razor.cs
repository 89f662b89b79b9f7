using System.Globalization;
using Microsoft.AspNetCore.Components;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Replicasets;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Tables;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Components.Pages;

/// <summary>The tables that replicate, on all nodes side by side.</summary>
public sealed partial class ReplicasetPage
{
    private readonly Dictionary<int, IReadOnlyList<CatalogTable>> _catalogs = [];
    private IReadOnlyList<TableRow> _rows = [];
    private IReadOnlyList<string> _problems = [];
    private string? _picked;
    private bool _isAdding;
    private bool _isCommitting;
    private bool _isComparing;
    private int _pending;
    private bool _isStarting;
    private string? _startProblem;

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    [CascadingParameter(Name = "MayAdminister")]
    public bool MayAdminister { get; set; }

    [CascadingParameter(Name = "MayOperate")]
    public bool MayOperate { get; set; }

    /// <summary>Only tables whose names contain this.</summary>
    [SupplyParameterFromQuery(Name = "q")]
    public string? Search { get; set; }

    [Inject]
    private NodeClients NodeClients { get; set; } = null!;

    [Inject]
    private Operator Operator { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private TableRow? Selected => _rows.FirstOrDefault(row => row.Relation == _picked);

    protected override void OnParametersSet()
    {
        _pending = View.Nodes.Sum(node => node.Tables?.Count(table => table.Status != TableState.Committed) ?? 0);
        _rows =
        [
            .. TableMatrix
                .Of(View, _catalogs)
                .Where(row => Search is not { Length: > 0 } search || row.Relation.Contains(search, StringComparison.OrdinalIgnoreCase)),
        ];
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            await CompareAsync();
    }

    /// <summary>Reads the catalogs of all nodes in parallel; the page shows what it has meanwhile.</summary>
    private async Task CompareAsync()
    {
        _isComparing = true;
        StateHasChanged();
        var problems = await Task.WhenAll(View.Nodes.Where(node => node.IsFresh && node.Status!.IsInitialized).Select(CompareAsync));
        _problems = [.. problems.OfType<string>()];
        _isComparing = false;
        OnParametersSet();
        StateHasChanged();
    }

    private async Task<string?> CompareAsync(NodeSeen node)
    {
        var problem = await Operator.TryAsync(async () => _catalogs[node.Node] = await NodeClients.Reader(node.Node).CatalogAsync(default));
        if (problem is null)
            return null;
        _catalogs.Remove(node.Node);
        return $"The tables of node {node.Node} could not be compared: {problem}";
    }

    /// <summary>Has this node compare the rows of all tables on all nodes; the task's page shows how far it
    /// is.</summary>
    private async Task CompareRowsAsync()
    {
        _isStarting = true;
        _startProblem = await Operator.TryAsync(async () =>
        {
            var report = await (await Operator.ClientAsync(View.Self)).CompareAsync(new ComparisonOrder(null, null, 100), default);
            Navigation.NavigateTo(string.Create(CultureInfo.InvariantCulture, $"/tasks/{View.Self}/{report.Task.Id}"));
        });
        _isStarting = false;
    }

    private void Find(ChangeEventArgs e) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameter("q", e.Value is string { Length: > 0 } text ? text : null),
            replace: true
        );
}
