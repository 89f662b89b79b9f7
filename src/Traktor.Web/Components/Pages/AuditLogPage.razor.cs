using System.Globalization;
using Microsoft.AspNetCore.Components;
using Traktor.Engine.Audit;
using Traktor.Web.Components.Access;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;

namespace Traktor.Web.Components.Pages;

/// <summary>The audit log of the mesh. The filter is in the address; the newest entries are read again every few
/// seconds.</summary>
public sealed partial class AuditLogPage
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private AuditFilter _filter = new();
    private IReadOnlyList<AuditEntry> _actions = [];
    private IReadOnlyList<int> _nodes = [];
    private DateTimeOffset _readAt;
    private int _limit = AuditFilter.DefaultLimit;
    private bool _hasOlder;
    private bool _isRead;
    private bool _isReading;
    private string? _problem;

    [CascadingParameter]
    public MeshView View { get; set; } = null!;

    [CascadingParameter(Name = "MayAdminister")]
    public bool MayAdminister { get; set; }

    [SupplyParameterFromQuery]
    public int? Node { get; set; }

    [SupplyParameterFromQuery]
    public string? Actor { get; set; }

    [SupplyParameterFromQuery]
    public string? Action { get; set; }

    [SupplyParameterFromQuery]
    public string? Outcome { get; set; }

    [SupplyParameterFromQuery]
    public int? Days { get; set; }

    [Inject]
    private Operator Operator { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    protected override Task OnParametersSetAsync()
    {
        _nodes = [.. View.Nodes.Select(node => node.Node)];
        // Only what the page offers; another number of days in the address is none.
        if (Days is { } days && !AuditFilters.Periods.Contains(days))
            Days = null;
        var filter = new AuditFilter(Node, Actor, Action, AuditWords.OutcomeOf(Outcome ?? ""));
        if (filter != _filter)
            (_filter, _limit, _isRead) = (filter, AuditFilter.DefaultLimit, false);
        return MayAdminister && (!_isRead || Time.GetUtcNow() - _readAt >= Interval) ? ReadAsync() : Task.CompletedTask;
    }

    /// <summary>A line for each action: its outcome, or its request while there is none.</summary>
    internal static IReadOnlyList<AuditEntry> Actions(IReadOnlyList<AuditEntry> entries)
    {
        var ended = entries
            .Where(entry => entry.Outcome != AuditOutcome.Requested)
            .Select(entry => (entry.Incarnation, entry.Request))
            .ToHashSet();
        return [.. entries.Where(entry => entry.Outcome != AuditOutcome.Requested || !ended.Contains((entry.Incarnation, entry.Request)))];
    }

    private async Task ReadAsync()
    {
        if (_isReading)
            return;
        _isReading = true;
        _readAt = Time.GetUtcNow();
        var wanted = _filter with { Limit = _limit, Since = Days is { } days ? _readAt.AddDays(-days) : null };
        _problem = await Operator.TryAsync(async () =>
        {
            var page = await (await Operator.ActingAsync()).AuditAsync(wanted, default);
            (_actions, _hasOlder) = (Actions(page.Entries), page.Next is not null);
        });
        (_isReading, _isRead) = (false, true);
    }

    private Task OlderAsync()
    {
        _limit = Math.Min(_limit * 2, AuditFilter.MostEntries);
        return ReadAsync();
    }

    private void Choose(AuditFilter filter) => Navigation.NavigateTo(Address("/audit", filter, Days, []), replace: true);

    private void ChooseDays(int? days)
    {
        _isRead = false;
        Navigation.NavigateTo(Address("/audit", _filter, days, []), replace: true);
    }

    private string Export(string format) =>
        Address(
            Api.Access.AuditExport.PagePath,
            _filter,
            null,
            [
                ("format", format),
                (
                    "since",
                    Days is { } days ? Time.GetUtcNow().AddDays(-days).UtcDateTime.ToString("O", CultureInfo.InvariantCulture) : null
                ),
            ]
        );

    private static string Address(string path, AuditFilter filter, int? days, IEnumerable<(string Name, string? Value)> more) =>
        path
        + QueryString.Create(
            new (string Name, string? Value)[]
            {
                ("node", filter.Node?.ToString(CultureInfo.InvariantCulture)),
                ("actor", filter.Actor),
                ("action", filter.Action),
                ("outcome", filter.Outcome is { } outcome ? AuditWords.Of(outcome) : null),
                ("days", days?.ToString(CultureInfo.InvariantCulture)),
            }
                .Concat(more)
                .Where(pair => pair.Value is not null)
                .Select(pair => KeyValuePair.Create(pair.Name, pair.Value))
        );
}
