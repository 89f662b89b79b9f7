using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>Versions that lost, as rows of <c>trktr.history</c>. Each node records the losses that it saw.</summary>
internal sealed class LossRecord(int self)
{
    private readonly List<object> rows = [];

    public int Count => rows.Count;

    public string Json => JsonSerializer.Serialize(rows);

    public void Add(ConvergedTable table, string key, Loss loss)
    {
        var target = table.Target;
        var (local, remote) = (loss.Local.Stamp, loss.Remote.Stamp);
        var peer = remote.Node != self ? remote.Node : local.Node;
        var outcome = ConflictWords.Of(loss.IsLocalKept ? Outcome.KeepLocal : Outcome.ApplyRemote);
        var isOver = loss.IsLocalKept ? local > remote : remote > local;
        rows.Add(
            new
            {
                subscription = ObjectNames.Subscription(self, peer),
                peer,
                ordinal = rows.Count + 1,
                relation = target.Table.ToString(),
                conflict_type = ConflictWords.Of(
                    loss.UniqueIndex is not null ? (loss.IsInsert ? ConflictType.InsertExists : ConflictType.UpdateExists)
                    : loss.Remote.IsTombstone ? ConflictType.DeleteOriginDiffers
                    : ConflictType.UpdateOriginDiffers
                ),
                operation = loss.Remote.IsTombstone ? "delete"
                : loss.IsInsert ? "insert"
                : "update",
                unique_index = loss.UniqueIndex,
                key,
                local_row = loss.Local.Image,
                local_stamp = TimeOf(local),
                local_origin = local.Node,
                remote_row = loss.Remote.Image,
                remote_stamp = TimeOf(remote),
                remote_origin = remote.Node,
                reason = loss.UniqueIndex is { } index
                    ? $"The row of {(loss.IsLocalKept ? local : remote)} wins over the row of "
                        + $"{(loss.IsLocalKept ? remote : local)}: {index} does not allow both."
                : isOver ? (loss.IsLocalKept ? $"{local} is after {remote}." : $"{remote} is after {local}.")
                : $"{remote} overwrote {local}, and a later version has replaced it.",
                policy = ConflictWords.Of(target.Policy),
                outcome,
                holds_json = target.HoldsJson,
            }
        );
    }

    private static DateTimeOffset? TimeOf(Stamp stamp) => stamp.IsKnown ? stamp.Committed : null;
}
