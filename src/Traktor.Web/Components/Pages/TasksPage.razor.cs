using System.Collections.Concurrent;
using Microsoft.AspNetCore.Components;
using Traktor.Engine.Tasks;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Components.Pages;

/// <summary>The tasks of all nodes. They are read again with every new view of the mesh; the filter is in the
/// address.</summary>
public sealed partial class TasksPage
{
    private IReadOnlyList<(int Node, TaskEntry Task)> _tasks = [];
    private IReadOnlyList<string> _problems = [];
    private string? _shown;
    private bool _isRead;
    private bool _isReading;

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    /// <summary>Only tasks in this state.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    [Inject]
    private NodeClients NodeClients { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        if (!Enum.GetValues<TaskState>().Any(state => TaskStore.Word(state) == State))
            State = null;
        if (_shown != State)
            (_shown, _isRead, _tasks) = (State, false, []);
        if (_isReading)
            return;
        _isReading = true;
        var wanted = State;
        var problems = new ConcurrentBag<string>();
        var found = await Task.WhenAll(
            View.Nodes.Where(node => node is { IsFresh: true, Status.IsInitialized: true }).Select(node => ReadAsync(node.Node, problems))
        );
        _isReading = false;
        if (wanted != State)
            return;
        _problems = [.. problems.Order()];
        _tasks =
        [
            .. found
                .SelectMany(tasks => tasks)
                .Where(entry => wanted is null || TaskStore.Word(entry.Task.State) == wanted)
                .OrderByDescending(entry => entry.Task.CreatedAt),
        ];
        _isRead = true;
    }

    private async Task<IReadOnlyList<(int Node, TaskEntry Task)>> ReadAsync(int node, ConcurrentBag<string> problems)
    {
        IReadOnlyList<(int, TaskEntry)> tasks = [];
        var problem = await Operator.TryAsync(async () =>
            tasks = [.. (await NodeClients.Reader(node).TasksAsync(default)).Select(task => (node, task))]
        );
        if (problem is not null)
            problems.Add($"The tasks of node {node} could not be read: {problem}");
        return tasks;
    }

    private void Choose(string? state) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("state", string.IsNullOrEmpty(state) ? null : state), replace: true);
}
