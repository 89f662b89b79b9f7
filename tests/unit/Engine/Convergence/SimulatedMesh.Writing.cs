using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>The application.</summary>
internal sealed partial class SimulatedMesh
{
    private Stamp Commit(SimulatedNode node) =>
        new(new DateTimeOffset((Day + ((++time + node.Skew) * 2048) + (2 * operation)) * 10, TimeSpan.Zero), node.Id);

    private Stamp Clock(SimulatedNode node) =>
        new(new DateTimeOffset((Day + ((time + node.Skew) * 2048) + (2 * operation) + 1) * 10, TimeSpan.Zero), node.Id);

    private void Operate(SimulatedNode node)
    {
        left--;
        var chosen = 0;
        for (var more = 1 + (choices.Next(4) == 3 ? choices.Next(2) : 0); more > 0; more--)
            chosen |= 1 << choices.Next(keys);
        chosen &= ~node.Locked;
        if (chosen == 0)
            return;
        if (node.OpenXid == 0 && choices.Next(6) == 5)
        {
            (node.OpenXid, node.Locked) = (++node.Xid, chosen);
            Log($"node {node.Id} opens a transaction on keys {chosen:b}");
        }
        else
        {
            Write(node, ++node.Xid, chosen, node.Locked);
        }
    }

    private void CommitOpen(SimulatedNode node)
    {
        var (xid, chosen) = (node.OpenXid, node.Locked);
        (node.OpenXid, node.Locked) = (0, 0);
        Write(node, xid, chosen, 0);
    }

    private void Write(SimulatedNode node, ulong xid, int chosen, int locked)
    {
        operation++;
        var stamp = Commit(node);
        var changes = new List<SimulatedChange>(2);
        for (var key = 0; key < keys; key++)
        {
            if ((chosen & (1 << key)) == 0)
                continue;
            if (node.Rows[key] is null)
            {
                Insert(key);
                if (choices.Next(8) == 7)
                    Update(key);
                continue;
            }

            switch (choices.Next(16))
            {
                case 10 or 11 or 12 or 13:
                    Delete(key);
                    break;
                case 14:
                    Delete(key);
                    Insert(key);
                    break;
                case 15:
                    var other = (key + 1) % keys;
                    if (node.Rows[other] is not null || (locked & (1 << other)) != 0 || other == key)
                        goto default;
                    ChangeKey(key, other);
                    break;
                case 9:
                    Update(key);
                    goto default;
                default:
                    Update(key);
                    break;
            }
        }

        var mask = 0;
        foreach (var change in changes)
            mask |= (1 << change.Key) | (1 << change.NewKey);
        for (var key = 0; key < keys; key++)
            if ((mask & (1 << key)) != 0)
                latest[key] = node.Written(key);
        node.Stream.Add(new SimulatedTransaction(stamp, changes, [], 0, null, mask));
        Log($"node {node.Id} commits operation {operation} at {time + node.Skew}: {string.Join(", ", changes)}");

        void Insert(int key) => Put(new SimulatedChange('I', key, key, nextValue++, HasLarge(key) ? nextValue++ : SimulatedChange.None));

        void Update(int key)
        {
            Supersede(key);
            var isChanged = HasLarge(key) && choices.Next(2) == 1;
            var sent =
                !HasLarge(key) ? SimulatedChange.None
                : isChanged ? nextValue++
                : SimulatedChange.Unchanged;
            Put(new SimulatedChange('U', key, key, nextValue++, sent));
        }

        void Delete(int key)
        {
            Supersede(key);
            changes.Add(new SimulatedChange('D', key, key, ' ', SimulatedChange.None));
            node.Rows[key] = null;
            truths.Remove((operation, key));
        }

        void ChangeKey(int key, int other)
        {
            Supersede(key);
            var old = node.Rows[key]!;
            node.Rows[key] = null;
            truths.Remove((operation, key));
            var large =
                !HasLarge(other) ? SimulatedChange.None
                : HasLarge(key) ? SimulatedChange.Unchanged
                : nextValue++;
            Put(new SimulatedChange('K', key, other, nextValue++, large), old);
            if (rules.LogsKeyChanges)
                node.Overwrites[other].Add(new Overwrite(xid, null, null, default));
        }

        void Put(SimulatedChange change, RowVersion? old = null)
        {
            old ??= node.Rows[change.NewKey];
            var image = Image(change.Value, change.Large == SimulatedChange.Unchanged ? old!.Image![1] : change.Large);
            changes.Add(change);
            node.Rows[change.NewKey] = new RowVersion(stamp, image);
            node.Xmin[change.NewKey] = xid;
            if (node.IsRewriteUnnoted)
                Erase(node, change.NewKey, node.Rows[change.NewKey]!, stamp, xid);
            truths[(operation, change.NewKey)] = new Truth { Image = image };
        }

        void Supersede(int key)
        {
            if (node.Written(key) is { } row)
                foreach (var truth in TruthsOf(row, key))
                    truth.IsSuperseded = true;
        }
    }

    private bool HasLarge(int key) => (largeKeys & (1 << key)) != 0;

    private static string Image(char value, char large) => Images[((value & 255) << 8) | (large & 255)];
}
