using System.Globalization;
using Npgsql;

namespace Traktor.E2ETests.Mesh;

/// <summary>Writes the rows 1, 2, 3, … into a table (id bigint), a transaction each, until it is disposed.</summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;
    private long last;

    public RowWriter(MeshNode node, string table) => loop = Task.Run(() => WriteAsync(node, table));

    /// <summary>The last row that is surely committed.</summary>
    public long Last => Interlocked.Read(ref last);

    /// <summary>Stops and returns the last row.</summary>
    public async Task<long> FinishAsync()
    {
        await stop.CancelAsync();
        await loop;
        return Last;
    }

    public async ValueTask DisposeAsync()
    {
        await FinishAsync();
        stop.Dispose();
    }

    private async Task WriteAsync(MeshNode node, string table)
    {
        await using var connection = await node.OpenAsync();
        await using var insert = new NpgsqlCommand($"insert into {table} (id) values ($1)", connection) { Parameters = { new() } };
        while (!stop.IsCancellationRequested)
        {
            insert.Parameters[0].Value = Last + 1;
            await insert.ExecuteNonQueryAsync();
            Interlocked.Increment(ref last);
            // Many small transactions, and a processor left for the servers.
            await Task.Delay(1);
        }
    }

    /// <summary>
    /// Waits until <paramref name="node"/> has the row <paramref name="last"/>, and fails unless its rows are one
    /// gapless run up to that. Returns where it starts.
    /// </summary>
    public static async Task<long> GaplessStartAsync(MeshNode node, string table, long last)
    {
        await node.AwaitTextAsync($"select max(id) from {table}", last.ToString(CultureInfo.InvariantCulture));
        var (count, first) = (
            await node.ScalarAsync<long>($"select count(*) from {table}"),
            await node.ScalarAsync<long>($"select min(id) from {table}")
        );
        Assert.Equal(last - first + 1, count);
        return first;
    }
}
