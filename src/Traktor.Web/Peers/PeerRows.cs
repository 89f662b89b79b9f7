using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Json;

namespace Traktor.Web.Peers;

/// <summary>The rows of other nodes, read by their own arbiters through the REST API.</summary>
internal sealed class PeerRows(ArbiterCalls calls) : IPeerRows
{
    // A range takes half a second where the server has nothing else to do.
    private static readonly TimeSpan LongestWork = TimeSpan.FromMinutes(30);

    public INodeRows Of(PeerArbiter peer, Actor actor) => new Rows(calls, peer, actor);

    private sealed class Rows(ArbiterCalls calls, PeerArbiter peer, Actor actor) : INodeRows
    {
        public int Node => peer.Node;

        public async Task<TableShape> ShapeAsync(string relation, CancellationToken cancel)
        {
            var shape = await CallAsync(HttpMethod.Get, "row-hashes", relation, null, ApiJsonOptions.Wire.TableShape, cancel);
            return shape.Node == Node ? shape : throw Other(shape.Node);
        }

        public Task<RangeBounds> BoundsAsync(string relation, KeyRange range, int every, int most, CancellationToken cancel) =>
            CallAsync(
                HttpMethod.Post,
                "row-bounds",
                relation,
                JsonSerializer.Serialize(new RowBoundRequest(range, every, most), ApiJsonOptions.Wire.RowBoundRequest),
                ApiJsonOptions.Wire.RangeBounds,
                cancel
            );

        public Task<RangeHashes> HashAsync(
            string relation,
            IReadOnlyList<HashedColumn> columns,
            IReadOnlyList<KeyRange> ranges,
            CancellationToken cancel
        ) =>
            CallAsync(
                HttpMethod.Post,
                "row-hashes",
                relation,
                JsonSerializer.Serialize(new RowHashRequest(columns, ranges), ApiJsonOptions.Wire.RowHashRequest),
                ApiJsonOptions.Wire.RangeHashes,
                cancel
            );

        public Task<KeyVersions> VersionsAsync(
            string relation,
            IReadOnlyList<HashedColumn> columns,
            KeyRange range,
            CancellationToken cancel
        ) => ListAsync(relation, new RowVersionRequest(columns, range), cancel);

        public Task<KeyVersions> VersionsAsync(
            string relation,
            IReadOnlyList<HashedColumn> columns,
            IReadOnlyList<IReadOnlyList<string>> keys,
            bool hasRows,
            CancellationToken cancel
        ) => ListAsync(relation, new RowVersionRequest(columns, null, keys, hasRows), cancel);

        public async Task<AppliedPositions> PositionsAsync(CancellationToken cancel)
        {
            var positions = await calls.CallAsync(
                peer,
                actor,
                HttpMethod.Get,
                "v1/arbiter/positions",
                null,
                ApiJsonOptions.Wire.AppliedPositions,
                cancel
            );
            return positions.Node == Node ? positions : throw Other(positions.Node);
        }

        private Task<KeyVersions> ListAsync(string relation, RowVersionRequest body, CancellationToken cancel) =>
            CallAsync(
                HttpMethod.Post,
                "row-versions",
                relation,
                JsonSerializer.Serialize(body, ApiJsonOptions.Wire.RowVersionRequest),
                ApiJsonOptions.Wire.KeyVersions,
                cancel
            );

        private Task<T> CallAsync<T>(
            HttpMethod method,
            string what,
            string relation,
            string? body,
            JsonTypeInfo<T> answer,
            CancellationToken cancel
        ) => calls.CallAsync(peer, actor, method, $"v1/arbiter/{what}/{Uri.EscapeDataString(relation)}", body, answer, cancel, LongestWork);

        private RefusedException Other(int node) =>
            RefusedException.Unavailable(
                $"{PeerWords.Arbiter(peer)} is that of node {node}. Correct PublicURL in the arbiter.ini of node {peer.Node}."
            );
    }
}
