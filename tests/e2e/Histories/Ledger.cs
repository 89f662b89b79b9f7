using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// Every row version that a node acknowledged, and which versions its writer saw when he overwrote them. In the end each must be present, or superseded in such full
/// knowledge, or kept in the history of some node.
/// </summary>
internal sealed partial class Ledger(int seed)
{
    private readonly ConcurrentDictionary<string, bool> written = new();
    private readonly ConcurrentDictionary<string, bool> superseded = new();
    private int next;

    /// <summary>The transactions that were acknowledged, by their audit row.</summary>
    public ConcurrentQueue<string> Transactions { get; } = new();

    public string NextVersion() => $"s{seed}.{Interlocked.Increment(ref next)}.";

    /// <param name="versions">What the transaction wrote.</param>
    /// <param name="overwritten">What it found in these places.</param>
    /// <param name="isAcknowledged">Whether it certainly committed; otherwise it may have.</param>
    public void Note(IEnumerable<string> versions, IEnumerable<string> overwritten, bool isAcknowledged)
    {
        foreach (var version in overwritten)
            superseded[version] = true;
        if (isAcknowledged)
            foreach (var version in versions)
                written[version] = true;
    }

    /// <summary>Nothing lost unseen, nothing applied twice.</summary>
    public async Task CheckAsync(TestMesh mesh)
    {
        var known = new HashSet<string>(superseded.Keys, StringComparer.Ordinal);
        foreach (var table in ContestedTable.All)
            known.UnionWith((await mesh[0].TextAsync($"select said from {table.Name}")).Split('\n'));
        foreach (var node in mesh.Nodes)
            known.UnionWith(Versions().Matches(await node.TextAsync("select concat(local_row, remote_row, merged_row) from trktr.history")).Select(match => match.Value));
        var lost = written.Keys.Where(version => !known.Contains(version)).Order(StringComparer.Ordinal).ToList();
        Assert.True(lost.Count == 0, $"Lost without a record: {string.Join(", ", lost)}.");

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
