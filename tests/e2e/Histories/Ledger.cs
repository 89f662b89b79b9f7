using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// Every row version that a node acknowledged, and which versions its writer saw when he overwrote them. In the end
/// each must be present, or superseded in such full knowledge, or kept in the history of some node.
/// </summary>
internal sealed partial class Ledger(int seed)
{
    private readonly ConcurrentDictionary<string, LedgerWrite> written = new();
    private readonly ConcurrentDictionary<string, bool> superseded = new();
    private readonly ConcurrentQueue<LedgerWrite> writes = new();
    private int next;

    /// <summary>The transactions that were acknowledged, by their audit row.</summary>
    public ConcurrentQueue<string> Transactions { get; } = new();

    public string NextVersion() => $"s{seed}.{Interlocked.Increment(ref next)}.";

    /// <summary>What was written of a key, as lines.</summary>
    public IEnumerable<string> Of(ContestedTable table, int key) =>
        writes.Where(write => write.Table == table && (write.Key == key || write.NewKey == key)).Select(write => write.ToString());

    /// <param name="changes">What the transaction did.</param>
    /// <param name="overwritten">What it found in these places.</param>
    /// <param name="isAcknowledged">Whether it certainly committed; otherwise it may have.</param>
    public void Note(IReadOnlyList<LedgerWrite> changes, IEnumerable<string> overwritten, bool isAcknowledged)
    {
        foreach (var version in overwritten)
            superseded[version] = true;
        foreach (var write in changes)
        {
            writes.Enqueue(write with { IsAcknowledged = isAcknowledged });
            if (isAcknowledged && write.Version is not null)
                written[write.Version] = write;
        }
    }

    /// <summary>Nothing lost unseen, nothing applied twice.</summary>
    public async Task CheckAsync(TestMesh mesh)
    {
        var known = new HashSet<string>(superseded.Keys, StringComparer.Ordinal);
        foreach (var table in ContestedTable.All)
            known.UnionWith((await mesh[0].TextAsync($"select said from {table.Name}")).Split('\n'));
        foreach (var node in mesh.Nodes)
            known.UnionWith(
                Versions()
                    .Matches(await node.TextAsync("select concat(local_row, remote_row, merged_row) from trktr.history"))
                    .Select(match => match.Value)
            );
        var autopsy = "";
        foreach (var write in written.Where(write => !known.Contains(write.Key)).Select(write => write.Value))
            autopsy += $"\nLost without a record: {write}{await Autopsy.OfKeyAsync(mesh, this, write.Table, write.NewKey)}";
        Assert.True(autopsy.Length == 0, autopsy);

        foreach (var node in mesh.Nodes)
        {
            var audited = (await node.TextAsync("select id from public.h_audit")).Split('\n').ToHashSet(StringComparer.Ordinal);
            Assert.DoesNotContain(Transactions, id => !audited.Contains(id));
            Assert.Equal("", await node.TextAsync("select id, count(*) from public.h_applied group by id having count(*) <> 1"));
        }
    }

    [GeneratedRegex(@"s\d+\.\d+\.")]
    private static partial Regex Versions();
}

/// <summary>One change of one row by the application.</summary>
/// <param name="Node">The node where it was made.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">The row's key.</param>
/// <param name="NewKey">Its key afterwards.</param>
/// <param name="Before">The version that was there.</param>
/// <param name="Version">The version that was written; null when the row was deleted.</param>
/// <param name="Statement">How.</param>
/// <param name="At">When, by the test's clock.</param>
/// <param name="Audit">The transaction.</param>
internal sealed record LedgerWrite(
    int Node,
    ContestedTable Table,
    int Key,
    int NewKey,
    string? Before,
    string? Version,
    string Statement,
    DateTime At,
    string Audit
)
{
    /// <summary>Whether its commit was confirmed.</summary>
    public bool IsAcknowledged { get; init; }

    public override string ToString() =>
        $"{At:HH:mm:ss.ffffff} on node {Node} over {Before ?? "nothing"} in {Audit}{(IsAcknowledged ? "" : " (perhaps)")}: {Statement}";
}
