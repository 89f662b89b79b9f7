using Microsoft.AspNetCore.Components;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Components.Pages;

/// <summary>
/// The subscriptions of all nodes, and the actions on them. The filter and the view are in the address.
/// </summary>
public sealed partial class SubscriptionsPage
{
    private IReadOnlyList<MeshEdge> _shown = [];
    private MeshEdge? _edge;
    private EdgeState? _state;
    private int _receiver = -1;

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    [CascadingParameter(Name = "MayAdminister")]
    public bool MayAdminister { get; set; }

    /// <summary>Only links in this state.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    /// <summary>"list" for a list.</summary>
    [SupplyParameterFromQuery(Name = "view")]
    public string? Form { get; set; }

    /// <summary>Whether the form for the full mesh is open.</summary>
    [SupplyParameterFromQuery]
    public bool? Full { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private bool IsList => Form == "list";

    protected override void OnParametersSet()
    {
        var edges = MeshEdge.Of(View);
        _state = Enum.TryParse<EdgeState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;
        _shown = _state is null ? edges : [.. edges.Where(edge => edge.State == _state)];
        _edge = edges.FirstOrDefault(edge => (edge.From, edge.To) == (_edge?.From, _edge?.To));
        if (View.Find(_receiver) is null)
            _receiver = View.Self;
    }

    private void Pick(MeshEdge edge) => _edge = edge;

    private string Address(bool list) => Navigation.GetUriWithQueryParameter("view", list ? "list" : null);

    private void Filter(ChangeEventArgs e) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameter("state", e.Value is string { Length: > 0 } state ? state : null),
            replace: true
        );
}
