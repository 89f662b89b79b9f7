using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Traktor.Bench.Status;
using Traktor.Engine.ConnectionStrings;
using Traktor.Sandbox;

namespace Traktor.Bench.Feed;

/// <summary>
/// How soon a conflict is seen, by whoever listens and on the page, alone and among a thousand a second.
/// </summary>
internal static class FeedBenchmark
{
    private const int Rounds = 30;
    private const int Pages = 10;
    private const int Listeners = 20;
    private const int Batches = 300;
    private const int BatchSize = 100;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync()
    {
        await using var sandbox = await PostgresSandbox.CreateAsync(new Progress<string>(Console.WriteLine));
        var server = await sandbox.StartServerAsync(18);
        await using var arbiter = await ArbiterProcess.StartAsync(server.Conninfo());
        await arbiter.InitializeAsync();
        var address = new Uri($"http://localhost:{arbiter.Address.Port}");
        await using var writer = new NpgsqlConnection(Conninfo.Parse(server.Conninfo()).ToNpgsql().ConnectionString);
        await writer.OpenAsync();
        await WriteAsync(writer, 200);

        await using var page = await FeedPage.OpenAsync(address);
        await using var listener = await FeedClient.StartAsync(address);
        await AloneAsync(writer, listener, page);

        var one = arbiter.ResidentMB;
        var more = new List<Microsoft.Playwright.IPage>();
        for (var i = 0; i < Pages; i++)
            more.Add(await page.AddAsync());
        Write($"memory of a page                          : {(arbiter.ResidentMB - one) / Pages, 8:0.0} MB");
        // Eleven pages that are drawn twice a second would take the browser all of a small machine.
        foreach (var opened in more)
            await opened.CloseAsync();
        await LoadAsync(arbiter, address, writer, page);
    }

    private static async Task AloneAsync(NpgsqlConnection writer, FeedClient listener, FeedPage page)
    {
        var (heard, shown) = (new List<double>(), new List<double>());
        for (var i = 0; i < Rounds; i++)
        {
            await Task.Delay(Random.Shared.Next(600, 1400));
            var id = await WriteAsync(writer, 1);
            var committed = DateTimeOffset.UtcNow;
            await WaitAsync(() => listener.Told.ContainsKey(id));
            heard.Add((listener.Told[id] - committed).TotalMilliseconds);
            shown.Add((await page.AwaitAsync(id) - committed).TotalMilliseconds);
        }

        Write($"one conflict, to a listener               : p50 {At(heard, 0.5), 5:0} ms, p95 {At(heard, 0.95), 5:0} ms");
        Write($"one conflict, to the page                 : p50 {At(shown, 0.5), 5:0} ms, p95 {At(shown, 0.95), 5:0} ms");
    }

    private static async Task LoadAsync(ArbiterProcess arbiter, Uri address, NpgsqlConnection writer, FeedPage page)
    {
        List<FeedClient> listeners = [];
        for (var i = 0; i < Listeners; i++)
            listeners.Add(await FeedClient.StartAsync(address));
        await WaitAsync(() => listeners.TrueForAll(listener => !listener.Told.IsEmpty));
        using var done = new CancellationTokenSource();
        var clicking = ClickAsync(page, done.Token);

        var (first, last, peak) = (0L, 0L, 0.0);
        var committed = new List<(long Id, DateTimeOffset At)>();
        var clock = Stopwatch.StartNew();
        for (var batch = 0; batch < Batches; batch++)
        {
            last = await WriteAsync(writer, BatchSize);
            first = first == 0 ? last - BatchSize + 1 : first;
            committed.Add((last, DateTimeOffset.UtcNow));
            peak = Math.Max(peak, arbiter.ResidentMB);
            if ((Pace * (batch + 1)) - clock.Elapsed is { Ticks: > 0 } rest)
                await Task.Delay(rest);
        }

        var took = clock.Elapsed;
        await done.CancelAsync();
        await WaitAsync(() => listeners.TrueForAll(listener => listener.Told.ContainsKey(last)));
        var clicks = await clicking;
        var told = listeners
            .SelectMany(listener =>
                committed
                    .Where(batch => listener.Told.ContainsKey(batch.Id))
                    .Select(batch => (listener.Told[batch.Id] - batch.At).TotalMilliseconds)
            )
            .ToList();
        var complete = listeners.Count(listener =>
            Enumerable.Range(0, (int)(last - first + 1)).All(i => listener.Told.ContainsKey(first + i))
        );
        var unsaid = listeners.Count(listener =>
            listener.Gaps == 0 && !Enumerable.Range(0, (int)(last - first + 1)).All(i => listener.Told.ContainsKey(first + i))
        );
        var rate = Batches * BatchSize / took.TotalSeconds;
        Write($"written under load                        : {rate, 8:0} conflicts/s, {Listeners} listeners, one page");
        Write($"to a listener under load                  : p50 {At(told, 0.5), 5:0} ms, p95 {At(told, 0.95), 5:0} ms");
        Write($"listeners that were told of every conflict: {complete, 8} of {Listeners}; that lost some unsaid: {unsaid}");
        Write($"a click on the page under load            : p50 {At(clicks, 0.5), 5:0} ms, p95 {At(clicks, 0.95), 5:0} ms");
        Write($"greatest resident memory of the arbiter   : {peak, 8:0} MB");
        foreach (var listener in listeners)
            await listener.DisposeAsync();
    }

    private static async Task<List<double>> ClickAsync(FeedPage page, CancellationToken done)
    {
        var clicks = new List<double>();
        while (!done.IsCancellationRequested || clicks.Count == 0)
        {
            clicks.Add((await page.ClickAsync("Pause", "Resume")).TotalMilliseconds);
            clicks.Add((await page.ClickAsync("Resume", "Pause")).TotalMilliseconds);
        }

        return clicks;
    }

    /// <summary>Writes resolved conflicts, each of another row, and returns the last one's number.</summary>
    private static async Task<long> WriteAsync(NpgsqlConnection connection, int count)
    {
        await using var command = new NpgsqlCommand(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                with written as (
                    insert into trktr.history (
                        subscription, peer, lsn, ordinal,
                        relation, conflict_type, operation, key,
                        local_row, local_stamp, local_origin,
                        remote_row, remote_stamp, remote_origin,
                        policy, outcome, reason, resolution, resolved, resolved_by)
                    select
                        'trktr_sub_0_1', 1, pg_current_wal_insert_lsn(), i,
                        'public.bench', 'insert_exists', 'insert', jsonb_build_object('id', (random() * 1000000000)::bigint),
                        jsonb_build_object('id', i, 'payload', repeat('x', 200)), clock_timestamp(), 0,
                        jsonb_build_object('id', i, 'payload', repeat('y', 200)), clock_timestamp(), 1,
                        'last_update_wins', 'apply_remote', 'The remote version is later.',
                        'apply_remote', clock_timestamp(), 'last_update_wins'
                    from generate_series(1, {{count}}) i
                    returning id
                )
                select max(id) from written
                """
            ),
            connection
        );
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException("A listener was not told.");
            await Task.Delay(1);
        }
    }

    private static double At(List<double> values, double part)
    {
        values.Sort();
        return values[(int)Math.Ceiling(part * values.Count) - 1];
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
