using Microsoft.AspNetCore.Components;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Components.Cases;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;

namespace Traktor.Web.Components.Pages;

/// <summary>
/// One conflict with its rows, its transaction and the decision. While the page is open it reads the conflict, and the
/// row on every node, again every second.
/// </summary>
public sealed partial class CasePage
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<RowCompare.Version> _versions = [];
    private CaseView? _view;
    private DecisionReport? _report;
    private DateTimeOffset? _read;
    private (int Node, long Id) _shown = (-1, -1);
    private string? _problem;

    /// <summary>The node whose conflict it is.</summary>
    [Parameter]
    public int Node { get; set; }

    /// <summary>The conflict's number there.</summary>
    [Parameter]
    public long Id { get; set; }

    [CascadingParameter]
    public MeshView Mesh { get; set; } = null!;

    [CascadingParameter(Name = "MayOperate")]
    public bool MayOperate { get; set; }

    [Inject]
    private CaseReading Cases { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override void OnParametersSet()
    {
        if (_shown == (Node, Id))
            return;
        // The address has changed to another case.
        (_shown, _view, _report, _problem, _versions) = ((Node, Id), null, null, null, []);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = FollowAsync(_left.Token);
    }

    private async Task FollowAsync(CancellationToken left)
    {
        using var timer = new PeriodicTimer(Interval, Clock);
        try
        {
            do await InvokeAsync(ReadAsync);
            while (await timer.WaitForNextTickAsync(left));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The page was closed.
        }
    }

    private async Task ReadAsync()
    {
        if (_left.IsCancellationRequested)
            return;
        var wanted = (Node, Id);
        CaseView? view = null;
        var problem = await Operator.TryAsync(async () => view = await Cases.ReadAsync(wanted.Node, wanted.Id, _left.Token));
        if (_left.IsCancellationRequested || wanted != (Node, Id))
            return;
        _problem = problem;
        if (view is not null)
            (_view, _versions, _read) = (view, Versions(view), Clock.GetUtcNow());
        StateHasChanged();
    }

    private async Task DecidedAsync(DecisionReport report)
    {
        _report = report;
        await ReadAsync();
    }

    private static List<RowCompare.Version> Versions(CaseView view)
    {
        var (entry, rows) = (view.Conflict, view.Rows);
        var versions = new List<RowCompare.Version>();
        var writer = entry.LocalOrigin is { } origin ? $"written by node {origin}" : "writer unknown";
        if (rows.Local.Count == 0)
            versions.Add(new($"On node {view.Node}", "no row", null, null));
        versions.AddRange(
            rows.Local.Select(
                (row, i) =>
                    new RowCompare.Version(
                        rows.Local.Count == 1 ? $"On node {view.Node}" : $"On node {view.Node}, row {i + 1}",
                        writer,
                        rows.Local.Count == 1 ? entry.LocalStamp : null,
                        row
                    )
            )
        );
        versions.Add(
            new(
                $"From node {entry.Peer}",
                $"{(entry.Operation == "delete" ? "deleted" : "written")} by node {entry.RemoteOrigin ?? entry.Peer}",
                entry.RemoteStamp,
                entry.Operation == "delete" ? null : rows.Remote
            )
        );
        if (
            entry.Resolved is null
            && rows.Now is { } now
            && rows.Local.Count < 2
            && !CasePreview.AreSame(rows.Local is [var local] ? local : null, now.Row, rows.Columns)
        )
            versions.Insert(
                1,
                new(
                    $"On node {view.Node} now",
                    now.Row is null ? "deleted since" : $"changed since{(now.Origin is { } by ? $", by node {by}" : "")}",
                    now.Stamp,
                    now.Row
                )
            );
        return versions;
    }
}
