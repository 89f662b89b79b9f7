using System.Globalization;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>
/// Two nodes of different majors with a replicated table, for tests that write rows of the history themselves.
/// </summary>
public sealed class ConflictMesh : IAsyncLifetime
{
    internal const string Table = "shop.orders";

    private TestMesh? mesh;

    internal TestMesh Mesh => mesh ?? throw new InvalidOperationException("The mesh does not run yet.");

    public async Task InitializeAsync()
    {
        mesh = await TestMesh.StartFullAsync(16, 18);
        await Mesh.EverywhereAsync("create schema shop");
        await Mesh.ReplicateAsync(
            Table,
            "create table shop.orders (id integer primary key, payload text, total integer generated always as (id * 2) stored)"
        );
        await Eventually.TrueAsync(
            "both nodes know both arbiters",
            async () =>
                await Mesh[0].ScalarAsync<long>("select count(*) from trktr.node") == 2
                && await Mesh[1].ScalarAsync<long>("select count(*) from trktr.node") == 2,
            Mesh.Diagnose
        );
    }

    public async Task DisposeAsync() => await Mesh.DisposeAsync();

    /// <summary>An empty history, as far as the tests see.</summary>
    internal Task ForgetAsync() => Mesh.EverywhereAsync("delete from trktr.history; delete from trktr.remote_transaction");

    /// <summary>Writes a conflict that waits on <paramref name="node"/> and returns its id.</summary>
    internal async Task<long> WaitingAsync(
        int node,
        int key,
        string local = "here",
        string remote = "there",
        int localSecond = 0,
        int remoteSecond = 1,
        string type = "insert_exists",
        int ordinal = 1,
        string? lsn = null
    ) =>
        await Mesh[node]
            .ScalarAsync<long>(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""
                    insert into trktr.history (
                        subscription, peer, lsn, ordinal,
                        relation, conflict_type, operation, key,
                        local_row, local_stamp, local_origin,
                        remote_row, remote_stamp, remote_origin,
                        policy, outcome, reason)
                    values (
                        'trktr_sub_{{node}}_{{1 - node}}', {{1 - node}}, '{{lsn ?? $"0/{key:X}"}}', {{ordinal}},
                        '{{Table}}', '{{type}}', 'insert', '{"id": {{key}}}',
                        '{"id": {{key}}, "payload": "{{local}}"}', '2026-11-23 12:00:0{{localSecond}}Z', {{node}},
                        '{"id": {{key}}, "payload": "{{remote}}"}', '2026-11-23 12:00:0{{remoteSecond}}Z', {{1 - node}},
                        'manual', 'decision_needed', 'Policy manual: a decision is needed.')
                    returning id
                    """
                )
            );

    /// <summary>What the healer will do with a row.</summary>
    internal Task ResolveAsync(int node, long id, string resolution = "keep_local") =>
        Mesh[node]
            .ExecuteAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"update trktr.history set resolution = '{resolution}', resolved = clock_timestamp(), resolved_by = 'by "
                        + $"hand' where id = {id}"
                )
            );
}
