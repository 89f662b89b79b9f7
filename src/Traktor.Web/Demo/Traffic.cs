using Npgsql;

namespace Traktor.Web.Demo;

/// <summary>
/// Writes purchases on every node in parallel until it is cancelled. Each node changes only rows that it has inserted,
/// so that the traffic has no conflicts.
/// </summary>
internal sealed class Traffic
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // An operator may stop a server to try it: continue when it is back.
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private const string Buy = """
        with buyer as (
            insert into shop.customer (name, city)
            values ('Customer ' || substr(md5(random()::text), 1, 6), 'Town ' || $1)
            returning customer_id
        ), bought as (
            insert into shop.purchase (customer_id, node)
            select customer_id, $1
            from buyer
            returning purchase_id
        )
        insert into shop.purchase_line (purchase_id, line_no, sku, quantity)
        select purchase_id, row_number() over (), sku, 1 + (random() * 4)::int
        from bought, (select sku from shop.product order by random() limit 2) as goods
        """;

    private const string Pay = """
        update shop.purchase
        set state = case state when 'open' then 'paid' else 'sent' end
        where purchase_id = (
            select purchase_id
            from shop.purchase
            where node = $1 and state <> 'sent'
            order by placed_at
            limit 1
        )
        """;

    private const string Forget = """
        delete from shop.purchase
        where purchase_id = (
            select purchase_id
            from shop.purchase
            where node = $1 and state = 'sent'
            order by placed_at
            limit 1
        ) and random() < 0.5
        """;

    private long _written;

    /// <summary>Transactions written so far, on all nodes.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Writes on all nodes until it is cancelled.</summary>
    public Task RunAsync(IEnumerable<DemoNode> nodes, CancellationToken cancel) =>
        Task.WhenAll(nodes.Select(node => WriteAsync(node, cancel)));

    private async Task WriteAsync(DemoNode node, CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(node.NpgsqlString);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                foreach (var sql in new[] { Buy, Pay, Forget })
                {
                    await using var command = source.CreateCommand(sql);
                    command.Parameters.Add(new NpgsqlParameter { Value = node.Number });
                    await command.ExecuteNonQueryAsync(cancel);
                    Interlocked.Increment(ref _written);
                }

                await Task.Delay(Pause, cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(AfterError, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }
}
