using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Detection;
using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>Replication: the apply workers, the trigger, and the healer where a key is there already.</summary>
internal sealed partial class SimulatedMesh
{
    private void Deliver(int link)
    {
        var (from, node) = (link / nodes.Length, nodes[link % nodes.Length]);
        var transaction = nodes[from].Stream[node.Position[from]++];
        var xid = ++node.Xid;
        if (transaction.Vector is { } vector)
        {
            node.Log.Add(new Heartbeat(from, transaction.Seq, xid, vector));
            node.Received[from] = transaction.Seq;
            node.SessionStableXid[from] = node.StableXid;
            node.SessionQuiet[from] = Array.TrueForAll(node.Overwrites, entries => entries.Count == 0);
            Log($"heartbeat {transaction.Seq} of {from} -> {node.Id}; horizon {node.StableXid}");
            return;
        }

        foreach (var (key, version) in transaction.Winners)
        {
            node.Winners[key].Add(version);
            Log($"winner {from} -> {node.Id} key {key}: {Say(version)}");
        }

        if (transaction.Changes.Count > 0)
            new SimulatedApply(this, node, from, transaction, xid).Run();
    }

    private sealed class SimulatedApply(SimulatedMesh mesh, SimulatedNode node, int from, SimulatedTransaction transaction, ulong xid)
    {
        private bool hasLogged;
        private bool isHealed;

        public void Run()
        {
            mesh.Applied++;
            isHealed = MeetsExistingKey();
            foreach (var change in transaction.Changes)
            {
                mesh.Log(
                    $"apply{(isHealed ? " (healed)" : "")} {from} -> {node.Id} {change} over {Say(node.Rows[change.Key])}, "
                        + $"entry {Say(node.Contested[change.Key]?.Version)}"
                );
                Apply(change);
            }
        }

        private bool MeetsExistingKey()
        {
            var present = 0;
            for (var key = 0; key < mesh.keys; key++)
                present |= node.Rows[key] is null ? 0 : 1 << key;
            foreach (var change in transaction.Changes)
            {
                var isThere = (present & (1 << change.Key)) != 0;
                if (change.Kind == 'K' && !isThere)
                    continue;
                if (change.Kind is 'K' or 'I' && (present & (1 << change.NewKey)) != 0)
                    return true;
                if (change.Kind is 'D' or 'K')
                    present &= ~(1 << change.Key);
                if (change.Kind is 'I' or 'K')
                    present |= 1 << change.NewKey;
            }

            return false;
        }

        private void Apply(SimulatedChange change)
        {
            if (change.Kind == 'I')
            {
                Put(change.NewKey, New(change, null, out _), isForced: true);
                return;
            }

            if (node.Rows[change.Key] is not { } old)
                return;
            var version = New(change, old, out var isIncomplete);
            if (change.Kind == 'U')
            {
                if (KeepsNewer(change.Key, old, version))
                    return;
                var isLogged = Log(
                    change.Key,
                    old,
                    isIncomplete ? version with { IsIncomplete = true } : version with { IsIncomplete = false }
                );
                Write(change.Key, version);
                return;
            }

            var tombstone = new RowVersion(transaction.Stamp, null);
            if (!KeepsNewer(change.Key, old, tombstone))
            {
                var isLogged = Log(change.Key, old, tombstone, isDelete: change.Kind == 'D' || mesh.rules.KeyChangesAreDeletes);
                node.Rows[change.Key] = null;
                if (change.Kind == 'K' && isLogged && node.Rows[change.NewKey] is null)
                    Overwrites(
                        change.NewKey,
                        null,
                        isIncomplete ? version with { IsIncomplete = true } : version with { IsIncomplete = false }
                    );
            }

            if (change.Kind == 'K')
                Put(change.NewKey, version, isForced: true);
        }

        /// <summary>
        /// The version as it is written here: the large value that was not sent is the present row's.
        /// </summary>
        private RowVersion New(SimulatedChange change, RowVersion? old, out bool isIncomplete)
        {
            isIncomplete = false;
            if (change.Kind == 'D')
                return new RowVersion(transaction.Stamp, null);
            var large = change.Large == SimulatedChange.Unchanged ? old!.Image![1] : change.Large;
            isIncomplete = mesh.HasLarge(change.NewKey) && old is not null && mesh.HasLarge(change.Key) && old.Image![1] == large;
            return new RowVersion(transaction.Stamp, Image(change.Value, large), mesh.HasLarge(change.NewKey));
        }

        /// <summary>A healer that goes by the stamps leaves a newer row as it is, and says so itself.</summary>
        private bool KeepsNewer(int key, RowVersion old, RowVersion version)
        {
            if (!isHealed || node.Xmin[key] == xid || old < version || mesh.choices.Next(2) == 0)
                return false;
            Overwrites(key, old, version, isRefused: true);
            return true;
        }

        /// <summary>
        /// An insert, or the new key of a row: over a row that is there, the healer goes by the stamps.
        /// </summary>
        private void Put(int key, RowVersion version, bool isForced)
        {
            if (node.Rows[key] is { } there && node.Xmin[key] != xid && isForced)
            {
                Overwrites(key, there, version, isRefused: there > version);
                if (there > version)
                    return;
            }

            Write(key, version);
        }

        private void Write(int key, RowVersion version)
        {
            node.Rows[key] = version;
            node.Xmin[key] = xid;
        }

        private bool Log(int key, RowVersion old, RowVersion version, bool isDelete = false)
        {
            var isOwn = node.Xmin[key] == xid;
            if (
                !mesh.rules.IsLogged(
                    new OverwritingChange(
                        isOwn,
                        hasLogged,
                        node.Xmin[key] < node.SessionStableXid[from],
                        old.Stamp.Node == from,
                        isDelete,
                        node.SessionQuiet[from],
                        node.IsCertified,
                        node.Contested[key] is not null
                    )
                )
            )
                return false;
            Overwrites(key, isOwn ? null : old, version);
            return true;
        }

        private void Overwrites(int key, RowVersion? old, RowVersion version, bool isRefused = false)
        {
            mesh.Logged++;
            hasLogged = true;
            node.SessionQuiet[from] = false;
            node.Overwrites[key].Add(new Overwrite(xid, old, version, mesh.Clock(node).Committed, isRefused));
            mesh.Log($"  noted on {node.Id} key {key}: {Say(old)} -> {Say(version)}");
        }
    }
}
