using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Peers;

/// <summary>The conflicts of this arbiter's own node, for somebody.</summary>
internal sealed class OwnCases(Arbiter arbiter, Actor actor) : ICaseClient
{
    /// <summary>The most conflicts about one row that are read.</summary>
    public const int Most = 20;

    public int Node => arbiter.Settings.NodeId;

    public Task<ConflictCase> CaseAsync(long id, CancellationToken cancel) => arbiter.ConflictAsync(id, cancel);

    public Task<ConflictRows> RowsAsync(long id, CancellationToken cancel) => arbiter.ConflictRowsAsync(id, cancel);

    public async Task<IReadOnlyList<HistoryEntry>> AboutAsync(string relation, JsonElement key, CancellationToken cancel) =>
        (
            await arbiter.ConflictsAsync(
                new HistoryFilter
                {
                    Relation = relation,
                    Key = key,
                    Limit = Most,
                },
                cancel
            )
        ).Conflicts;

    public Task<RowFound> RowAsync(string relation, JsonElement key, CancellationToken cancel) => arbiter.RowAsync(relation, key, cancel);

    public Task<RowCheck> CheckAsync(string relation, JsonElement row, CancellationToken cancel) =>
        arbiter.CheckRowAsync(relation, row, cancel);

    public Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel) =>
        arbiter.As(actor).DecideAsync(id, decision, isMesh, cancel);

    public Task<RestorationReport> RestoreAsync(
        long id,
        RowSide version,
        ExpectedVersion? expected,
        string? by,
        CancellationToken cancel
    ) => arbiter.As(actor).RestoreAsync(id, version, expected, by, cancel);
}
