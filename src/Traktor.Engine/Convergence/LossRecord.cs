using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence;

/// <summary>Versions that lost, as rows of <c>trktr.history</c>: each node records what it saw.</summary>
internal sealed class LossRecord(int self)
{
    private readonly List<object> rows = [];

    public int Count => rows.Count;

    public string Json => JsonSerializer.Serialize(rows);

    /// <summary>Adds one: of two versions of the key, or of the key's and another row's that a unique key, <paramref name="index"/>, does not let stand beside it.</summary>
    public void Add(KeyName name, Policy policy, Loss loss, string? index = null, bool isNew = false)
    {
        var (local, remote) = (loss.Local.Stamp, loss.Remote.Stamp);
        var peer = remote.Node != self ? remote.Node : local.Node;
        var verdict = ConflictWords.Of(loss.IsLocalKept ? Verdict.KeepLocal : Verdict.ApplyRemote);
        var isOver = loss.IsLocalKept ? local > remote : remote > local;
        rows.Add(new
        {
            subscription = ObjectNames.Subscription(self, peer),
            peer,
            ordinal = rows.Count + 1,
            relation = name.Table.ToString(),
            conflict_type = ConflictWords.Of(
                index is not null ? (isNew ? ConflictType.InsertExists : ConflictType.UpdateExists)
                : loss.Remote.IsTombstone ? ConflictType.DeleteOriginDiffers
                : ConflictType.UpdateOriginDiffers),
            operation = loss.Remote.IsTombstone ? "delete" : isNew ? "insert" : "update",
            unique_index = index,
            key = name.Key,
            local_row = loss.Local.Image,
            local_stamp = local.Committed,
            local_origin = local.Node,
            remote_row = loss.Remote.Image,
            remote_stamp = remote.Committed,
            remote_origin = remote.Node,
            reason = index is not null
                ? $"The row of {(loss.IsLocalKept ? local : remote)} goes before that of {(loss.IsLocalKept ? remote : local)}, and {index} does not let them stand side by side."
                : isOver
                ? (loss.IsLocalKept ? $"{local} is after {remote}." : $"{remote} is after {local}.")
                : $"{remote} was applied over {local}, and a later version took its place.",
            policy = ConflictWords.Of(policy),
            verdict,
        });
    }
}
