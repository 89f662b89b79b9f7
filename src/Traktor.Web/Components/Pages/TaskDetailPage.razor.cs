using Microsoft.AspNetCore.Components;
using Traktor.Engine.Tasks;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Components.Pages;

/// <summary>One task with its progress and its log, read again with every new view of the mesh.</summary>
public sealed partial class TaskDetailPage
{
    private TaskReport? _report;
    private (int Node, long Id) _shown = (-1, -1);
    private string? _problem;
    private bool _isReading;
    private bool _isBusy;

    /// <summary>The node whose task it is.</summary>
    [Parameter]
    public int Node { get; set; }

    /// <summary>The task's number there.</summary>
    [Parameter]
    public long Id { get; set; }

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    [CascadingParameter(Name = "MayOperate")]
    public bool MayOperate { get; set; }

    [Inject]
    private NodeClients NodeClients { get; set; } = null!;

    [Inject]
    private Operator Operator { get; set; } = null!;

    protected override Task OnParametersSetAsync()
    {
        if (_shown != (Node, Id))
            (_shown, _report, _problem) = ((Node, Id), null, null);
        return _isReading ? Task.CompletedTask : ReadAsync();
    }

    private async Task ReadAsync()
    {
        _isReading = true;
        var wanted = (Node, Id);
        TaskReport? report = null;
        var problem = await Operator.TryAsync(async () => report = await NodeClients.Reader(wanted.Node).TaskAsync(wanted.Id, default));
        _isReading = false;
        if (wanted == (Node, Id))
            (_report, _problem) = (report ?? _report, problem);
    }

    private async Task CancelAsync()
    {
        _isBusy = true;
        _problem = await Operator.TryAsync(async () => _report = await (await Operator.ClientAsync(Node)).CancelTaskAsync(Id, default));
        _isBusy = false;
    }
}
