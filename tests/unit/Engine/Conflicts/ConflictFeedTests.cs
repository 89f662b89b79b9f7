using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Workers;
using static Traktor.UnitTests.Engine.Conflicts.Entries;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class ConflictFeedTests : IAsyncDisposable
{
    private readonly Table table = new();
    private readonly FakeTimeProvider time = new();
    private readonly ConflictFeed feed;

    public ConflictFeedTests() => feed = new ConflictFeed(table, new Worker("feed", "the conflict feed", time, NullLogger.Instance), time);

    public ValueTask DisposeAsync() => feed.DisposeAsync();

    [Fact]
    public async Task Listen_WithoutPosition_GetsOnlyWhatComesAfter()
    {
        table.Add(Entry(1), Entry(2));
        using var reader = await feed.ListenAsync(null, default);
        Assert.Equal(new FeedPosition(2, 0), reader.Start);
        table.Add(Entry(3));
        await LookAsync();
        AssertIds(await NextAsync(reader), 3);
    }

    [Fact]
    public async Task Listen_WithPosition_ResumesWithoutAHole()
    {
        table.Add(Entry(1), Entry(2), Entry(3));
        using var reader = await feed.ListenAsync(new FeedPosition(1, 0), default);
        var batch = await NextAsync(reader);
        AssertIds(batch, 2, 3);
        Assert.Equal(new FeedPosition(3, 0), batch.Position);
        table.Add(Entry(4));
        await LookAsync();
        AssertIds(await NextAsync(reader), 4);
    }

    [Fact]
    public async Task Listen_WithPosition_GetsWhatChangedMeanwhile()
    {
        table.Add(Entry(1), Entry(2));
        table.Change(Entry(1, revision: 1));
        using var reader = await feed.ListenAsync(new FeedPosition(2, 0), default);
        var batch = await NextAsync(reader);
        AssertIds(batch, 1);
        Assert.Equal("2-1", batch.Position.ToString());
    }

    [Fact]
    public async Task Listen_Change_IsTold()
    {
        table.Add(Entry(1));
        using var reader = await feed.ListenAsync(null, default);
        table.Change(Entry(1, revision: 1) with { Resolved = Noon, Resolution = "keep_local" });
        await LookAsync();
        Assert.Equal(ConflictState.Resolved, (await NextAsync(reader)).Conflicts.Single().State);
    }

    [Fact]
    public async Task Listen_CommittedLate_IsStillTold()
    {
        table.Add(Entry(1), Entry(3));
        using var reader = await feed.ListenAsync(null, default);
        Assert.Equal(1, reader.Start.Id);
        table.Add(Entry(2));
        await LookAsync();
        var batch = await NextAsync(reader);
        AssertIds(batch, 2);
        Assert.Equal(3, batch.Position.Id);
    }

    [Fact]
    public async Task Listen_SlowReader_IsToldWhatItMissedAndHoldsNobodyUp()
    {
        using var slow = await feed.ListenAsync(null, default);
        using var quick = await feed.ListenAsync(null, default);
        var extra = 5;
        for (var id = 1; id <= FeedReader.Capacity + extra; id++)
        {
            table.Add(Entry(id));
            await LookAsync();
            AssertIds(await NextAsync(quick), id);
        }

        for (var id = 1; id <= FeedReader.Capacity; id++)
            Assert.Equal(0, (await NextAsync(slow)).Missed);
        await LookAsync();
        var told = await NextAsync(slow);
        Assert.Equal((0, extra), (told.Conflicts.Count, told.Missed));
    }

    [Fact]
    public async Task Listen_FarBehind_SkipsToTheNewest()
    {
        using var reader = await feed.ListenAsync(null, default);
        table.Add([.. Enumerable.Range(1, ConflictFeed.LongestBacklog + 100).Select(id => Entry(id))]);
        await LookAsync();
        var batch = await NextAsync(reader);
        Assert.Equal(ConflictFeed.LongestBacklog + 100, batch.Missed + batch.Conflicts.Count);
        Assert.Equal(ConflictFeed.LongestBacklog + 100, batch.Conflicts[^1].Id);
    }

    [Fact]
    public async Task Listen_BackAfterMoreChangesThanAreToldAgain_IsToldHowMany()
    {
        table.Add(Entry(1), Entry(2));
        table.Change(Entry(1, revision: 1));
        table.Change(Entry(2, revision: ConflictFeed.LongestReplay + 7));
        using var reader = await feed.ListenAsync(new FeedPosition(2, 0), default);
        var batch = await NextAsync(reader);
        AssertIds(batch, 2);
        Assert.Equal(7, batch.Missed);
        using var byNumber = await feed.ListenAsync(new FeedPosition(2, long.MaxValue), default);
        table.Add(Entry(3));
        await LookAsync();
        var next = await NextAsync(byNumber);
        AssertIds(next, 3);
        Assert.Equal(0, next.Missed);
    }

    [Fact]
    public async Task Listen_HistoryBeginsAnew_GoesOn()
    {
        table.Add(Entry(1), Entry(2));
        using var reader = await feed.ListenAsync(null, default);
        table.Clear();
        table.Add(Entry(1));
        await LookAsync();
        AssertIds(await NextAsync(reader), 1);
    }

    [Fact]
    public async Task Dispose_OpenReader_Ends()
    {
        using var reader = await feed.ListenAsync(null, default);
        await feed.DisposeAsync();
        Assert.False(await reader.Batches.WaitToReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Listen_LastReaderLeft_StopsLooking()
    {
        var reader = await feed.ListenAsync(null, default);
        reader.Dispose();
        var before = table.Looks;
        for (var tick = 0; tick < 20; tick++)
            time.Advance(ConflictFeed.Interval);
        using var next = await feed.ListenAsync(null, default);
        Assert.True(table.Looks - before < 10, $"{table.Looks - before} looks");
    }

    [Theory]
    [InlineData("17-3", 17, 3)]
    [InlineData("17", 17, long.MaxValue)]
    [InlineData("", -1, -1)]
    [InlineData("17-", -1, -1)]
    [InlineData("-3", -1, -1)]
    [InlineData("a", -1, -1)]
    [InlineData("1-2-3", -1, -1)]
    public void Parse_Text_IsPositionOrNull(string text, long id, long revision) =>
        Assert.Equal(id < 0 ? null : new FeedPosition(id, revision), FeedPosition.Parse(text));

    private static void AssertIds(FeedBatch batch, params long[] expected) =>
        Assert.Equal(expected, batch.Conflicts.Select(entry => entry.Id));

    private static async Task<FeedBatch> NextAsync(FeedReader reader) =>
        await reader.Batches.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Lets the feed look twice: the first may have begun before what the test did.</summary>
    private async Task LookAsync()
    {
        var until = table.Looks + 2;
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (table.Looks < until)
        {
            Assert.True(DateTime.UtcNow < deadline, "the feed does not look");
            time.Advance(ConflictFeed.Interval);
            await Task.Delay(1);
        }
    }

    /// <summary>A history in memory.</summary>
    private sealed class Table : IHistoryChanges
    {
        private readonly Lock gate = new();
        private readonly SortedDictionary<long, HistoryEntry> rows = [];
        private int looks;

        public int Looks => Volatile.Read(ref looks);

        public void Add(params HistoryEntry[] entries)
        {
            lock (gate)
                foreach (var entry in entries)
                    rows.Add(entry.Id, entry);
        }

        public void Change(HistoryEntry entry)
        {
            lock (gate)
                rows[entry.Id] = entry;
        }

        public void Clear()
        {
            lock (gate)
                rows.Clear();
        }

        public Task<HistoryLook> LookAsync(HistoryQuestion question, CancellationToken cancel)
        {
            lock (gate)
            {
                var found = new HistoryLook(
                    [
                        .. rows.Values.Where(row => row.Id > question.AfterId).Take(question.Limit),
                        .. rows.Values.Where(row => question.LateIds.Contains(row.Id)),
                    ],
                    [.. rows.Values.Where(row => row.Revision > question.AfterRevision).OrderBy(row => row.Revision).Take(question.Limit)],
                    rows.Keys.LastOrDefault(),
                    rows.Values.Max(row => row.Revision) ?? 0,
                    100,
                    100
                );
                Interlocked.Increment(ref looks);
                return Task.FromResult(found);
            }
        }
    }
}
