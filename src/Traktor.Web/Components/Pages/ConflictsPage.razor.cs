using Microsoft.AspNetCore.Components;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Feed;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;

namespace Traktor.Web.Components.Pages;

/// <summary>
/// The live conflicts of the mesh. The filter is in the address. The page is rendered at most twice a second; each time
/// it takes everything that has arrived.
/// </summary>
public sealed partial class ConflictsPage : IDisposable
{
    /// <summary>Time between two renderings.</summary>
    internal static readonly TimeSpan Repaint = TimeSpan.FromMilliseconds(500);

    private const int Page = 200;

    private readonly HashSet<(int Node, long Id)> _selected = [];
    private CancellationTokenSource _stop = new();
    private FeedList _list = new(new FeedFilter());
    private IReadOnlyList<RowCase> _cases = [];
    private IReadOnlyList<long> _bars = [];
    private IReadOnlyList<int> _nodes = [];
    private IReadOnlyList<int> _uncounted = [];
    private IReadOnlyList<string> _tables = [];
    private IReadOnlyList<(int Node, long Id)> _chosen = [];
    private IReadOnlyList<(int Node, string Problem, DateTimeOffset? LastContactAt)> _unreachable = [];
    private bool _isStarted;
    private bool _isRead;
    private bool _isReading;

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    [CascadingParameter(Name = "MayOperate")]
    public bool MayOperate { get; set; }

    [SupplyParameterFromQuery]
    public string? Node { get; set; }

    [SupplyParameterFromQuery]
    public string? Table { get; set; }

    [SupplyParameterFromQuery]
    public string? Type { get; set; }

    [SupplyParameterFromQuery]
    public string? State { get; set; }

    [SupplyParameterFromQuery]
    public string? Last { get; set; }

    [SupplyParameterFromQuery]
    public string? Since { get; set; }

    [SupplyParameterFromQuery]
    public string? Until { get; set; }

    [Inject]
    private IConflictFeed Feed { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private bool IsLoading => View.Own.Status is { IsInitialized: true } && !_isRead && _list.Known.Count == 0;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    protected override void OnParametersSet()
    {
        var filter = FeedFilter.Read(name =>
            name switch
            {
                "node" => Node,
                "table" => Table,
                "type" => Type,
                "state" => State,
                "last" => Last,
                "since" => Since,
                _ => Until,
            }
        );
        if (!_isStarted || filter != _list.Filter)
            Start(filter);
        Look();
    }

    private void Start(FeedFilter filter)
    {
        if (_isStarted)
        {
            _stop.Cancel();
            _stop.Dispose();
            _stop = new CancellationTokenSource();
        }

        (_list, _isStarted, _isRead) = (new FeedList(filter), true, false);
        _selected.Clear();
        _ = FollowAsync(_list, _stop.Token);
    }

    /// <summary>
    /// Takes what has arrived, renders, and waits; what arrives meanwhile is taken together next time.
    /// </summary>
    private async Task FollowAsync(FeedList list, CancellationToken cancel)
    {
        // Not during the rendering that started it.
        await Task.Yield();
        try
        {
            using var reader = Feed.Listen(new FeedRequest(list.Filter.Node, null));
            var reading = ReadAsync(list, View.Nodes.Select(node => node.Node), cancel);
            while (true)
            {
                await reader.WaitAsync(cancel);
                var gaps = list.Apply(reader.Take(), Time.GetUtcNow());
                Draw();
                if (gaps.Count > 0)
                    await ReadAsync(list, gaps, cancel);
                await Task.Delay(Repaint, Time, cancel);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The page was closed, or its filter has changed.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    /// <summary>Reads a page of each node's list for the filter, after what the page has.</summary>
    private async Task ReadAsync(FeedList list, IEnumerable<int> nodes, CancellationToken cancel)
    {
        async Task ReadNodeAsync(int node)
        {
            var before = list.Oldest(node);
            if (
                await Operator.TryAsync(async () =>
                    list.Add(await Feed.ReadAsync(node, list.Filter.ToHistory(Time.GetUtcNow(), Page, before), cancel), Time.GetUtcNow())
                )
                    is null
                && !cancel.IsCancellationRequested
            )
                Draw();
        }

        await Task.WhenAll(nodes.Where(node => list.Filter.Node is null || list.Filter.Node == node).Select(ReadNodeAsync));
        if (cancel.IsCancellationRequested)
            return;
        _isRead = true;
        Draw();
    }

    private async Task OlderAsync()
    {
        _isReading = true;
        _list.More();
        await ReadAsync(_list, View.Nodes.Select(node => node.Node).Where(node => _list.Oldest(node) is not null).ToList(), _stop.Token);
        _isReading = false;
        Draw();
    }

    private void Draw()
    {
        Look();
        StateHasChanged();
    }

    private void Look()
    {
        var now = Time.GetUtcNow();
        _cases = _list.Show(now);
        if (!_list.IsPaused || _bars.Count == 0)
            _bars = Feed.Minutes(_list.Filter.Node, _list.Filter.Counts);
        _nodes = [.. View.Nodes.Select(node => node.Node)];
        _uncounted = FeedCoverage.Uncounted(View, _list);
        _unreachable = FeedCoverage.Unreachable(View, _list);
        _tables =
        [
            .. View
                .Nodes.SelectMany(node => node.Tables ?? [])
                .Select(table => table.Relation)
                .Concat(_cases.Select(row => row.Main.Relation))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        _selected.IntersectWith(_cases.Where(row => row.IsOpen).SelectMany(row => row.Entries).Select(entry => (entry.Node, entry.Id)));
        _chosen = [.. _cases.Where(row => row.IsIn(_selected)).Select(row => (row.Main.Node, row.Main.Id))];
    }

    private void Resume()
    {
        _list.Resume();
        Look();
    }

    private void Select((RowCase Row, bool IsOn) choice)
    {
        foreach (var entry in choice.Row.Entries)
            if (choice.IsOn)
                _selected.Add((entry.Node, entry.Id));
            else
                _selected.Remove((entry.Node, entry.Id));
        Look();
    }

    private void SelectNone()
    {
        _selected.Clear();
        Look();
    }

    private void Choose(FeedFilter filter) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(filter.Write()), replace: true);

    private string Export(string format) =>
        Navigation.GetUriWithQueryParameters(
            new Uri(new Uri(Navigation.BaseUri), "conflicts/export").ToString(),
            new Dictionary<string, object?>(_list.Filter.Write()) { ["format"] = format }
        );
}
