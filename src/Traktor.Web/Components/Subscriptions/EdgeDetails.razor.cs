using Microsoft.AspNetCore.Components;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;

namespace Traktor.Web.Components.Subscriptions;

/// <summary>A link and the actions on it.</summary>
public sealed partial class EdgeDetails
{
    private (int From, int To) _shown = (-1, -1);
    private Step _step;
    private bool _isBusy;
    private string? _problem;
    private string? _done;

    private enum Step
    {
        None,
        Add,
        Change,
        Drop,
    }

    [Parameter, EditorRequired]
    public required MeshEdge Edge { get; set; }

    [Parameter]
    public EventCallback Closed { get; set; }

    [CascadingParameter(Name = "MayOperate")]
    public bool MayOperate { get; set; }

    [CascadingParameter(Name = "MayAdminister")]
    public bool MayAdminister { get; set; }

    protected override void OnParametersSet()
    {
        if (_shown == (Edge.From, Edge.To))
            return;
        _shown = (Edge.From, Edge.To);
        Begin(Step.None);
    }

    private void Begin(Step step) => (_step, _problem, _done) = (step, null, null);

    private Task PauseAsync() =>
        DoAsync(
            $"Paused. Node {Edge.To} receives nothing from node {Edge.From} until you resume it.",
            async () => await (await Operator.ClientAsync(Edge.To)).PauseAsync(Edge.From, default)
        );

    private Task ResumeAsync() =>
        DoAsync(
            "Resumed. It continues where it stopped.",
            async () => await (await Operator.ClientAsync(Edge.To)).ResumeAsync(Edge.From, default)
        );

    private Task RenewAsync() =>
        DoAsync(
            $"Node {Edge.To} receives from node {Edge.From} again. Now compare the tables.",
            async () => await (await Operator.ClientAsync(Edge.To)).RenewAsync(Edge.From, default)
        );

    private Task DropAsync() =>
        DoAsync(
            "Dropped.",
            async () =>
            {
                var left = await (await Operator.ClientAsync(Edge.To)).UnsubscribeAsync(Edge.From, default);
                _step = Step.None;
                if (left.Count > 0)
                    _problem = string.Join(" ", left);
            }
        );

    private async Task FormDoneAsync()
    {
        Begin(Step.None);
        _done = $"Saved. Node {Edge.To} receives from node {Edge.From}.";
        await Watch.RefreshAsync();
    }

    private async Task DoAsync(string done, Func<Task> work)
    {
        (_isBusy, _problem, _done) = (true, null, null);
        StateHasChanged();
        var problem = await Operator.TryAsync(work);
        _problem = problem ?? _problem;
        _done = problem is null ? done : null;
        await Watch.RefreshAsync();
        _isBusy = false;
    }
}
