using Microsoft.AspNetCore.Components;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Works;

namespace Traktor.Web.Components.Cases;

/// <summary>
/// The decision by hand: four ways, each with a preview of the row on every node. The call names the version of the row
/// that the visitor has seen, so that it is refused when the row has changed since.
/// </summary>
public sealed partial class DecisionPanel
{
    private Resolution? _way;
    private MergeDraft? _draft;
    private IReadOnlyList<ColumnError> _errors = [];
    private ExpectedVersion? _looked;
    private bool _hasLooked;
    private bool _isChanged;
    private bool _isBusy;
    private string _by = "";
    private string? _problem;

    [Parameter, EditorRequired]
    public required CaseView View { get; set; }

    /// <summary>Called when the conflict is decided.</summary>
    [Parameter]
    public EventCallback<DecisionReport> Decided { get; set; }

    /// <summary>Called when the decision was refused: the case must be read again.</summary>
    [Parameter]
    public EventCallback Refused { get; set; }

    [Inject]
    private Operator Operator { get; set; } = null!;

    /// <summary>A merge needs two versions of one key.</summary>
    private IEnumerable<Resolution> Ways =>
        CanMerge ? Enum.GetValues<Resolution>() : Enum.GetValues<Resolution>().Where(way => way != Resolution.Merge);

    private bool CanMerge =>
        View
            is {
                Conflict.Operation: not ("delete" or "truncate"),
                Conflict.ConflictType: not ConflictType.MultipleUniqueConflicts,
                Rows: { Remote: not null, Columns.Count: > 0, Local.Count: < 2 }
            }
        && (
            View.Rows.Local is not [var local]
            || View.Rows.Columns.Where(column => column.IsKey)
                .All(column => local.GetValueOrDefault(column.Name) == View.Rows.Remote.GetValueOrDefault(column.Name))
        );

    /// <summary>Whether a later write of this node would lose here and still reach the other nodes.</summary>
    private bool LosesNewerWrite =>
        View.Rows is { Now: { Row: not null } now, Local: [var recorded] }
        && !CasePreview.AreSame(recorded, now.Row, View.Rows.Columns)
        && (_way == Resolution.ApplyRemote || (_way == Resolution.Newest && CasePreview.NewestIsRemote(View)));

    private bool CanDecide =>
        _way != Resolution.Merge || (_draft is { HasChanges: true } draft && draft.Columns.All(column => draft.WrongWith(column) is null));

    protected override void OnParametersSet()
    {
        var now = Now();
        if (!_hasLooked)
            (_looked, _hasLooked) = (now, View.Rows.Now is not null);
        _isChanged = _hasLooked && now is not null && now != _looked;
    }

    private ExpectedVersion? Now() =>
        View.Rows.Now switch
        {
            { Row: null } => new ExpectedVersion(null, null),
            { Stamp: { } stamp, Origin: { } origin } => new ExpectedVersion(stamp, origin),
            // Without stamps versions cannot be distinguished.
            _ => null,
        };

    private void LookAgain()
    {
        (_looked, _isChanged, _problem) = (Now(), false, null);
        // Typed and remote values stay; local values are taken from the present row.
        if (_draft is { } old)
        {
            _draft = new MergeDraft(View.Rows.Columns, View.Rows.Now?.Row, View.Rows.Remote);
            foreach (var column in old.Columns.Where(MergeDraft.CanChange).Where(column => old.SourceOf(column.Name) != ColumnSource.Local))
                if (old.SourceOf(column.Name) == ColumnSource.Own)
                    _draft.Write(column.Name, old.TextOf(column.Name));
                else
                    _draft.Take(column.Name, ColumnSource.Remote);
        }
    }

    private void Choose(Resolution way)
    {
        (_way, _problem, _errors) = (way, null, []);
        if (way == Resolution.Merge)
            _draft ??= new MergeDraft(
                View.Rows.Columns,
                View.Rows.Now is { } now ? now.Row
                    : View.Rows.Local is [var recorded, ..] ? recorded
                    : null,
                View.Rows.Remote
            );
    }

    private void Forget(string column) => _errors = [.. _errors.Where(error => error.Column.Length > 0 && error.Column != column)];

    private async Task DecideAsync()
    {
        (_isBusy, _problem, _errors) = (true, null, []);
        StateHasChanged();
        DecisionReport? report = null;
        _problem = await Operator.TryAsync(async () =>
        {
            var cases = await Operator.CasesAsync(View.Node);
            if (_way == Resolution.Merge)
                _errors = (await cases.CheckAsync(View.Conflict.Relation, _draft!.Row(isWhole: true), default)).Errors;
            if (_errors.Count == 0)
                report = await cases.DecideAsync(
                    View.Conflict.Id,
                    new HandDecision(
                        _way!.Value,
                        _way == Resolution.Merge ? _draft!.Row() : null,
                        _by.Trim() is { Length: > 0 } by ? by : null,
                        _looked
                    ),
                    isMesh: true,
                    default
                );
        });
        _isBusy = false;
        if (report is not null)
            await Decided.InvokeAsync(report);
        else if (_problem is not null)
            await Refused.InvokeAsync();
    }
}
