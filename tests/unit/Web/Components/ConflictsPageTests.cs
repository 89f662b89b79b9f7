using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.UnitTests.Web.Live.Mesh;
using Traktor.Web.Components.Pages;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Feed;
using Traktor.Web.Live.Works;

namespace Traktor.UnitTests.Web.Components;

public sealed class ConflictsPageTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BunitContext context = new();
    private readonly FakeTimeProvider time = new(Entries.Noon.AddMinutes(5));
    private readonly HeldFeed feed = new();

    public ConflictsPageTests()
    {
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        context.Services.AddSingleton<TimeProvider>(time);
        context.Services.AddSingleton<IConflictFeed>(feed);
        context.Services.AddSingleton(new LongWorks(NullLogger<LongWorks>.Instance));
        feed.Change(1);
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    [Fact]
    public void Page_AThousandChangesBetweenTwoDrawings_IsDrawnOnce()
    {
        var page = Render("/conflicts");
        page.WaitForAssertion(() => Assert.Contains("id=1<", page.Markup, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Contains("aria-busy=\"false\"", page.Markup, StringComparison.Ordinal), Patience);
        var drawn = page.RenderCount;
        for (var id = 2; id <= 1001; id++)
            feed.Change(id);
        Assert.InRange(page.RenderCount - drawn, 0, 1);
        Assert.DoesNotContain("id=1001<", page.Markup, StringComparison.Ordinal);

        time.Advance(ConflictsPage.Repaint);
        page.WaitForAssertion(() => Assert.Contains("id=1001<", page.Markup, StringComparison.Ordinal), Patience);
        Assert.InRange(page.RenderCount - drawn, 1, 3);
        Assert.Equal(100, page.FindAll("tbody tr").Count);
    }

    [Fact]
    public void Page_FilterChosen_StandsInTheAddressAndComesFromThere()
    {
        feed.Change(2, type: ConflictType.UpdateMissing);
        var page = Render("/conflicts?type=update_missing");
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")), Patience);
        Assert.Equal("update_missing", page.Find("#filter-type").GetAttribute("value"));

        page.Find("#filter-state").Change("pending");
        page.WaitForAssertion(() => Assert.Contains("state=pending", Address, StringComparison.Ordinal), Patience);
        page.Find("#filter-node").Change("0");
        page.WaitForAssertion(
            () => Assert.Equal(["", "node=0", "state=pending", "type=update_missing"], new Uri(Address).Query.Split('?', '&').Order()),
            Patience
        );
        page.Find("#filter-type").Change("");
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count), Patience);
        page.Find("#filter-state").Change("resolved");
        page.WaitForAssertion(() => Assert.Contains("No conflicts match the filter.", page.Markup, StringComparison.Ordinal), Patience);
        page.FindAll("button").First(button => button.TextContent == "Clear filter").Click();
        page.WaitForAssertion(() => Assert.Equal("", new Uri(Address).Query), Patience);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count), Patience);
    }

    [Fact]
    public void Page_OfAReader_HasNothingToSelect()
    {
        var page = Render("/conflicts", mayOperate: false);
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")), Patience);
        Assert.Empty(page.FindAll("input[type=checkbox]"));
    }

    private string Address => context.Services.GetRequiredService<NavigationManager>().Uri;

    private IRenderedComponent<ConflictsPage> Render(string address, bool mayOperate = true)
    {
        context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return context.Render<ConflictsPage>(page =>
            page.AddCascadingValue(SomeMesh.Of(SomeMesh.Node(0), SomeMesh.Node(1))).AddCascadingValue("MayOperate", mayOperate)
        );
    }

    /// <summary>What is held of one node, without an arbiter.</summary>
    private sealed class HeldFeed : IConflictFeed
    {
        private readonly MeshWindows windows = new();
        private readonly NodeWindow window;

        public HeldFeed()
        {
            window = windows.Open(0);
            windows.Change(window, () => window.Load([], default, isAll: true, Entries.Noon));
        }

        public void Change(long id, ConflictType type = ConflictType.InsertExists) =>
            windows.Change(
                window,
                () =>
                    window.Change(
                        [
                            FeedEntry.Of(0, Entries.Entry(id, type, key: $$"""{"id":{{id}}}""")) with
                            {
                                Occurred = Entries.Noon.AddMilliseconds(id),
                            },
                        ],
                        new FeedPosition(id, 0),
                        Entries.Noon
                    )
            );

        public MeshReader Listen(FeedRequest request) => windows.Listen(request);

        public IReadOnlyList<long> Minutes(int? node, Func<string, ConflictType, bool> counts) =>
            windows.Minutes(Entries.Noon, node, counts);

        public Task<ConflictPage> ReadAsync(int node, HistoryFilter filter, CancellationToken cancel) =>
            Task.FromResult(new ConflictPage(node, [], null));
    }
}
