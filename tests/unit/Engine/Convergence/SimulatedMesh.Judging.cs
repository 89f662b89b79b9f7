using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>Whether it ended as it had to.</summary>
internal sealed partial class SimulatedMesh
{
    private string? WhatIsWrong()
    {
        foreach (var node in nodes)
        {
            if (node.Pending() != 0)
                return $"something waits on node {node.Id}";
            if (!node.IsNothingContested)
                return $"the contested keys of node {node.Id} is not empty";
            for (var key = 0; key < keys; key++)
            {
                var (own, first) = (node.Written(key), nodes[0].Written(key));
                if (!IsSameStamp(own, first) || own?.Image != first?.Image)
                    return $"nodes 0 and {node.Id} differ in key {key}: {Say(first)} and {Say(own)}";
            }
        }

        for (var key = 0; key < keys; key++)
            if (nodes[0].Written(key) is { } row)
            {
                if (TruthsOf(row, key).ToList() is not [var truth])
                    return $"key {key} is {Say(row)}, which nobody wrote as this version";
                truth.IsFinal = true;
                if (truth.Image != row.Image && (!HasLarge(key) || (Skew == 0 && !jumps)))
                    return $"key {key} is {Say(row)}, which nobody wrote";
            }

        // Where clocks agree the last to commit wins, deletes included; but for a delete that was made on a row which
        // is away elsewhere for a moment: there it leaves no trace.
        for (var key = 0; key < keys && Skew == 0 && !jumps; key++)
        {
            if (nodes[0].Written(key) is var row && IsSameStamp(row, latest[key]))
                continue;
            if (rules.Rewrites)
            {
                Overturned++;
                continue;
            }

            if (row is null || latest[key] is not null)
                return $"the last of key {key} is {Say(latest[key])}, but {Say(row)} won";
            Revived++;
        }

        foreach (var ((number, key), truth) in truths)
            if (truth is { Image: not null, IsFinal: false, IsSuperseded: false, IsRecorded: false })
                return $"what operation {number} wrote to key {key} is lost, and no history has it";
        return null;
    }

    private static int OperationOf(Stamp stamp) => (int)(stamp.Committed.UtcTicks / 10 % 2048 / 2);

    private static string Say(RowVersion? version) =>
        version is null
            ? "nothing"
            : $"{(version.Image is { } image ? $"{(int)image[0]}/{(int)image[1]}" : "gone")}{(version.IsIncomplete ? "?" : "")} "
                + $"of operation {OperationOf(version.Stamp)} at {(version.Stamp.Committed.UtcTicks / 10 / 2048) - (Day / 2048)} on "
                + $"{version.Stamp.Node}";

    private void Record(int key, IReadOnlyList<Loss> losses)
    {
        foreach (var loss in losses)
        foreach (var truth in TruthsOf(loss.IsLocalKept ? loss.Remote : loss.Local, key))
            truth.IsRecorded = true;
    }

    /// <summary>What was written as this version; a version whose stamp was erased is told by its image.</summary>
    private IEnumerable<Truth> TruthsOf(RowVersion version, int key) =>
        version.Stamp.IsKnown
            ? (truths.TryGetValue((OperationOf(version.Stamp), key), out var truth) ? [truth] : [])
            : truths.Where(one => one.Key.Key == key && one.Value.Image == version.Image).Select(one => one.Value);

    private static bool IsSameStamp(RowVersion? left, RowVersion? right) =>
        left is null || right is null
            ? left is null && right is null
            : left.Stamp == right.Stamp || ((!left.Stamp.IsKnown || !right.Stamp.IsKnown) && left.Image == right.Image);

    private sealed class Truth
    {
        public string? Image { get; set; }

        public bool IsSuperseded { get; set; }

        public bool IsRecorded { get; set; }

        public bool IsFinal { get; set; }
    }
}
