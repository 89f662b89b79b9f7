using System.Text.Json.Nodes;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// The tutorial's flow with a role that the printed grants made fit, and what preflight says when one of them is
/// missing.
/// </summary>
public sealed class S14_NoSuperuser
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Tutorial_WithARoleThatIsNoSuperuser_Works(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major, major, major);
        foreach (var node in mesh.Nodes)
        {
            await node.ExecuteAsync(
                "create role app_owner; create schema multimaster authorization app_owner; create table multimaster.reptest "
                    + "(id int primary key, payload text); alter table multimaster.reptest owner to app_owner"
            );
            await Grants.UseAsync(node);
            Assert.False(await node.ScalarAsync<bool>($"select rolsuper from pg_roles where rolname = '{Grants.Role}'"));
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
            var preflight = (await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray();
            Assert.DoesNotContain(preflight, finding => (string?)finding!["severity"] == "error");
        }

        foreach (var to in mesh.Nodes)
        foreach (var from in mesh.Nodes.Where(from => from != to))
            (
                await to.Api.PutAsync(
                    "/v1/arbiter/subscription/control",
                    new { inbound_node = from.Id, connection_string = Grants.Conninfo(from) }
                )
            ).Expect(201);
        foreach (var node in mesh.Nodes)
            await node.StageAsync("multimaster.reptest");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync($"insert into multimaster.reptest values ({node.Id}, 'from {node.Id}')");
        await mesh.AgreeAsync("select id, payload from multimaster.reptest order by 1", "0|from 0\n1|from 1\n2|from 2");
        foreach (var node in mesh.Nodes)
        foreach (var from in mesh.Nodes.Where(from => from != node))
            await node.AwaitStateAsync(from.Id, "streaming");

        await ConflictAsync(mesh);
        var early = await Assert.ThrowsAsync<PostgresException>(async () =>
            await mesh[0].ExecuteAsync(await Grants.PrintAsync(mesh[0], "--revoke"))
        );
        Assert.Contains("still owns", early.MessageText, StringComparison.Ordinal);
        await mesh[0].UnstageAsync("multimaster.reptest");
        await mesh[0].CommitAsync();
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 1 })).Expect(200);
        foreach (var node in mesh.Nodes)
        {
            (await node.Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
            Assert.Equal(
                "",
                await node.TextAsync(
                    "select subname::text from pg_subscription union all select pubname::text from pg_publication union all "
                        + "select nspname::text from pg_namespace where nspname = 'trktr'"
                )
            );
            await RevokeAsync(node);
        }

        Assert.DoesNotContain(
            mesh.Nodes.SelectMany(node => node.Api.Transcript.Concat(node.Arbiter.Log)),
            text => text.Contains(Grants.Password, StringComparison.Ordinal)
        );
    }

    /// <summary>All that was granted is taken back: the role can be dropped, and the tables are as they were.</summary>
    private static async Task RevokeAsync(MeshNode node)
    {
        var revocation = await Grants.PrintAsync(node, "--revoke");
        await node.ExecuteAsync(revocation);
        await node.ExecuteAsync(revocation);
        Assert.Equal(
            "",
            await node.TextAsync(
                "select pg_describe_object(d.classid, d.objid, d.objsubid) from pg_shdepend d where d.refobjid = "
                    + $"'{Grants.Role}'::regrole union all select roleid::regrole::text from pg_auth_members where member = "
                    + $"'{Grants.Role}'::regrole union all select rolname from pg_roles where rolname = '{Grants.Role}' and "
                    + "(rolcanlogin or rolreplication)"
            )
        );
        await node.Arbiter.TerminateAsync();
        await node.ExecuteAsync($"drop role {Grants.Role}");
    }

    /// <summary>Two nodes claim a key while neither hears the other; then one more, decided by hand.</summary>
    private static async Task ConflictAsync(TestMesh mesh)
    {
        foreach (var (policy, key) in (IEnumerable<(string, int)>)[("last_update_wins", 10), ("manual", 20)])
        {
            await mesh.EverywhereAsync($"update trktr.replicaset set policy = '{policy}'");
            (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
            (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
            (await mesh[2].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
            await mesh[1].ExecuteAsync($"insert into multimaster.reptest values ({key}, 'early'), ({key + 1}, 'beside early')");
            await mesh[0].ExecuteAsync($"insert into multimaster.reptest values ({key}, 'late'), ({key + 2}, 'beside late')");
            (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
            (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
            (await mesh[2].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
            if (policy == "manual")
                foreach (var (node, decision) in (IEnumerable<(int, string)>)[(0, "keep_local"), (1, "apply_remote"), (2, "newest")])
                {
                    await mesh[node].AwaitTextAsync("select count(*) from trktr.conflicts", "1");
                    var id = await mesh[node].TextAsync("select id from trktr.conflicts");
                    (
                        await mesh[node]
                            .Api.PostAsync($"/v1/arbiter/conflicts/{id}/resolution", new { resolution = decision, scope = "node" })
                    ).Expect(200);
                }

            await mesh.AgreeAsync(
                $"select payload from multimaster.reptest where id >= {key} order by id",
                "late\nbeside early\nbeside late"
            );
            await mesh.AgreeAsync(
                $"select conflict_type in ('insert_exists', 'update_origin_differs'), resolved is null from trktr.history where "
                    + $"key ->> 'id' = '{key}'",
                "True|False"
            );
        }
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Preflight_WithoutOneGrant_NamesIt()
    {
        (string Revoke, string Grant, string Named)[] grants =
        [
            ($"alter role {Grants.Role} noreplication", $"alter role {Grants.Role} replication", "REPLICATION"),
            (
                $"revoke create on database {TestMesh.Database} from {Grants.Role}",
                $"grant create on database {TestMesh.Database} to {Grants.Role}",
                "CREATE on the database"
            ),
            (
                $"revoke pg_create_subscription from {Grants.Role}",
                $"grant pg_create_subscription to {Grants.Role}",
                "pg_create_subscription"
            ),
            ($"revoke pg_read_all_stats from {Grants.Role}", $"grant pg_read_all_stats to {Grants.Role}", "pg_read_all_stats"),
            (
                $"revoke set on parameter session_replication_role from {Grants.Role}",
                $"grant set on parameter session_replication_role to {Grants.Role}",
                "session_replication_role"
            ),
            (
                $"revoke select on pg_subscription from {Grants.Role}",
                $"grant select on pg_subscription to {Grants.Role}",
                "pg_subscription"
            ),
            (
                $"revoke select on pg_replication_origin_status from {Grants.Role}",
                $"grant select on pg_replication_origin_status to {Grants.Role}",
                "pg_replication_origin_status"
            ),
            .. new[]
            {
                "pg_replication_origin_create(text)",
                "pg_replication_origin_drop(text)",
                "pg_replication_origin_oid(text)",
                "pg_replication_origin_progress(text, boolean)",
                "pg_replication_origin_advance(text, pg_lsn)",
                "pg_replication_origin_session_setup(text)",
                "pg_replication_origin_session_reset()",
                "pg_replication_origin_session_is_setup()",
                "pg_replication_origin_session_progress(boolean)",
                "pg_replication_origin_xact_setup(pg_lsn, timestamptz)",
                "pg_replication_origin_xact_reset()",
                "pg_show_replication_origin_status()",
            }.Select(function =>
                (
                    $"revoke execute on function {function} from {Grants.Role}",
                    $"grant execute on function {function} to {Grants.Role}",
                    "pg_replication_origin"
                )
            ),
        ];

        await using var mesh = await TestMesh.StartAsync(18);
        var node = mesh[0];
        await Grants.UseAsync(node);
        foreach (var (revoke, grant, named) in grants)
        {
            await node.ExecuteAsync(revoke);
            var missing = Privileges((await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json);
            Assert.True((string?)missing?["severity"] == "error", $"Preflight does not miss it after: {revoke}");
            Assert.Contains(named, (string?)missing["found"], StringComparison.Ordinal);
            Assert.Contains("grants", (string?)missing["hint"], StringComparison.Ordinal);
            (await node.Api.PutAsync("/v1/arbiter/control")).ExpectProblem(422, named);
            await node.ExecuteAsync(grant);
        }

        (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        Assert.Equal("ok", (string?)Privileges((await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json)?["severity"]);

        // Membership in a table's owner is asked for with the table.
        await node.ExecuteAsync(
            "create role stranger; create schema theirs authorization stranger; create table theirs.t (id int primary key); "
                + "alter table theirs.t owner to stranger"
        );
        var refusal = (await node.StageAsync("theirs.t", expect: 409)).ExpectProblem(409, "belongs to role stranger");
        Assert.Equal($"GRANT \"stranger\" TO \"{Grants.Role}\";", (string?)refusal.Json["hint"]);
        await node.ExecuteAsync(await Grants.PrintAsync(node, "--schema", "theirs"));
        await node.StageAsync("theirs.t");
        await node.CommitAsync();

        // Membership in a superuser would make the role one.
        await node.ExecuteAsync("create table theirs.high (id int primary key)");
        refusal = (await node.StageAsync("theirs.high", expect: 409)).ExpectProblem(409, "belongs to role postgres");
        await node.ExecuteAsync((string)refusal.Json["hint"]!);
        await node.StageAsync("theirs.high");
        await node.CommitAsync();
    }

    private static JsonNode? Privileges(JsonNode preflight) =>
        preflight["findings"]!.AsArray().FirstOrDefault(finding => (string?)finding!["check"] == "privileges");
}
