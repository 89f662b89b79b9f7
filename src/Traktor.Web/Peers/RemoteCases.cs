using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Tables;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Peers;

/// <summary>Conflicts of another node for somebody, through its arbiter's REST API.</summary>
internal sealed class RemoteCases(ArbiterCalls arbiters, PeerArbiter peer, Actor actor) : ICaseClient
{
    private const string Root = "v1/arbiter/";

    // Open pages read once a second: a node that has not answered by then is shown as unreachable.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    // A decision calls the other arbiters one after the other.
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(30);

    public int Node => peer.Node;

    public Task<ConflictCase> CaseAsync(long id, CancellationToken cancel) => GetAsync(Path(id), ApiJsonOptions.Wire.ConflictCase, cancel);

    public Task<ConflictRows> RowsAsync(long id, CancellationToken cancel) =>
        GetAsync(Path(id) + "/rows", ApiJsonOptions.Wire.ConflictRows, cancel);

    public async Task<IReadOnlyList<HistoryEntry>> AboutAsync(string relation, JsonElement key, CancellationToken cancel) =>
        (
            await GetAsync(
                $"conflicts?limit={OwnCases.Most}&relation={Uri.EscapeDataString(relation)}&key={Uri.EscapeDataString(key.GetRawText())}",
                ApiJsonOptions.Wire.ConflictPage,
                cancel
            )
        ).Conflicts;

    public Task<RowFound> RowAsync(string relation, JsonElement key, CancellationToken cancel) =>
        GetAsync(
            $"row/{Uri.EscapeDataString(relation)}?key={Uri.EscapeDataString(key.GetRawText())}",
            ApiJsonOptions.Wire.RowFound,
            cancel
        );

    public Task<RowCheck> CheckAsync(string relation, JsonElement row, CancellationToken cancel) =>
        PostAsync(
            $"row/{Uri.EscapeDataString(relation)}",
            JsonSerializer.Serialize(new RowBody(row), ApiJsonOptions.Wire.RowBody),
            ApiJsonOptions.Wire.RowCheck,
            cancel
        );

    public Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel) =>
        PostAsync(
            Path(id) + "/resolution",
            JsonSerializer.Serialize(ResolutionBody.Of(decision, isMesh ? Scope.Mesh : Scope.Node), ApiJsonOptions.Wire.ResolutionBody),
            ApiJsonOptions.Wire.DecisionReport,
            cancel
        );

    public Task<RestorationReport> RestoreAsync(
        long id,
        RowSide version,
        ExpectedVersion? expected,
        string? by,
        CancellationToken cancel
    ) =>
        PostAsync(
            Path(id) + "/restoration",
            JsonSerializer.Serialize(new RestorationBody(version, ExpectedRow.Of(expected), by), ApiJsonOptions.Wire.RestorationBody),
            ApiJsonOptions.Wire.RestorationReport,
            cancel
        );

    private static string Path(long id) => string.Create(CultureInfo.InvariantCulture, $"conflicts/{id}");

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> answer, CancellationToken cancel) =>
        arbiters.CallAsync(peer, actor, HttpMethod.Get, Root + path, null, answer, cancel, ReadTimeout);

    private Task<T> PostAsync<T>(string path, string body, JsonTypeInfo<T> answer, CancellationToken cancel) =>
        arbiters.CallAsync(peer, actor, HttpMethod.Post, Root + path, body, answer, cancel, CommandTimeout);
}
