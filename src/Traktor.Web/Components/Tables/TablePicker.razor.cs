using Microsoft.AspNetCore.Components;
using Traktor.Engine.Replicasets;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Tables;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Components.Tables;

/// <summary>
/// Stages tables of this node's catalog on one or more nodes. A table that cannot be replicated is shown with the
/// reason and cannot be chosen.
/// </summary>
public sealed partial class TablePicker
{
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private readonly List<NodeResult> _results = [];
    private IReadOnlyList<CatalogTable>? _tables;
    private IReadOnlySet<int> _nodes = new HashSet<int>();
    private string _search = "";
    private string? _problem;
    private bool _isBusy;
    private int _total;

    [Parameter, EditorRequired]
    public required MeshView View { get; set; }

    [Parameter]
    public EventCallback Staged { get; set; }

    [CascadingParameter(Name = "MayAdminister")]
    public bool MayAdminister { get; set; }

    private IReadOnlyList<CatalogTable> Visible => CatalogFilter.Of(_tables ?? [], _search, isOpen: true);

    private bool AllChosen => Visible.Where(table => table.Findings.Count == 0).All(table => _chosen.Contains(table.Relation));

    protected override void OnInitialized() =>
        _nodes = View.Nodes.Where(node => node.IsSelf || node.IsFresh).Select(node => node.Node).ToHashSet();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        await ReadAsync();
        StateHasChanged();
    }

    private async Task ReadAsync() =>
        _problem = await Operator.TryAsync(async () => _tables = await NodeClients.Reader(View.Self).CatalogAsync(default));

    private void Choose(CatalogTable table, bool isOn)
    {
        if (isOn)
            _chosen.Add(table.Relation);
        else
            _chosen.Remove(table.Relation);
    }

    private void ChooseAll()
    {
        var all = AllChosen;
        foreach (var table in Visible.Where(table => table.Findings.Count == 0))
            Choose(table, !all);
    }

    private async Task StageAsync()
    {
        _isBusy = true;
        _results.Clear();
        _total = _nodes.Count * _chosen.Count;
        foreach (var node in _nodes.Order())
        foreach (var relation in _chosen.Order(StringComparer.Ordinal).ToList())
        {
            var problem = await Operator.TryAsync(async () => await (await Operator.ClientAsync(node)).StageAddAsync(relation, default));
            _results.Add(new NodeResult(node, $"{relation} is {(problem is null ? "staged." : "not staged.")}", problem));
            StateHasChanged();
        }

        _chosen.Clear();
        await ReadAsync();
        await Watch.RefreshAsync();
        _isBusy = false;
        await Staged.InvokeAsync();
    }
}
