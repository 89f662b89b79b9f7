using Npgsql;

namespace Traktor.Web.Demo;

/// <summary>
/// Customers who buy on every node at once, until they are stopped. Each works on what was made on its own node: no two
/// nodes write the same row, so whatever the nodes end with is what was written.
/// </summary>
internal sealed class Traffic
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // A server that was stopped by hand to see what happens comes back: go on then.
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private const string Buy = """
        WITH buyer AS (INSERT INTO shop.customer (name, city) VALUES ('Customer ' || substr(md5(random()::text), 1, 6), 'Town ' || $1) RETURNING customer_id),
             bought AS (INSERT INTO shop.purchase (customer_id, node) SELECT customer_id, $1 FROM buyer RETURNING purchase_id)
        INSERT INTO shop.purchase_line (purchase_id, line_no, sku, quantity)
        SELECT purchase_id, row_number() OVER (), sku, 1 + (random() * 4)::int FROM bought, (SELECT sku FROM shop.product ORDER BY random() LIMIT 2) AS goods
        """;

    private const string Pay =
        "UPDATE shop.purchase SET state = CASE state WHEN 'open' THEN 'paid' ELSE 'sent' END WHERE purchase_id = (SELECT purchase_id FROM shop.purchase WHERE node = $1 AND state <> 'sent' ORDER BY placed_at LIMIT 1)";

    private const string Forget =
        "DELETE FROM shop.purchase WHERE purchase_id = (SELECT purchase_id FROM shop.purchase WHERE node = $1 AND state = 'sent' ORDER BY placed_at LIMIT 1) AND random() < 0.5";

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
