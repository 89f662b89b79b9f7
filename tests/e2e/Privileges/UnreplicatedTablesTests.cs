using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// The arbiter's role may read and write more than those who call it: through no route do they reach a table that is
/// not replicated, Traktor's own tables included, of which some are.
/// </summary>
public sealed class UnreplicatedTablesTests
{
    private const string Secret = "s3cr3t-of-nobody";

    // Each with its key, and what must be in no answer.
    private static readonly (string Table, string Key, string Value)[] Tables =
    [
        ("public.diary", "id", "select entry from public.diary"),
        ("trktr.node_key", "made_at", "select encode(private_key, 'hex') from trktr.node_key"),
        ("trktr.account", "name", "select secret_hash from trktr.accounts where name = 'looks'"),
        ("trktr.audit", "seq", "select encode(hash, 'hex') from trktr.audit limit 1"),
        ("trktr.identity", "node_id", "select incarnation::text from trktr.identity"),
        ("pg_catalog.pg_authid", "oid", "select rolpassword from pg_authid where rolname = 'keeper'"),
    ];

    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Rows_OfATableThatIsNotReplicated_AreNobodysThroughTheArbiter(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh[0]
            .ExecuteAsync(
                $"create table public.diary (id int primary key, entry text); insert into public.diary values (1, '{Secret}'); "
                    + "create role keeper login password 'kept'"
            );
        var before = await RowsAsync(mesh[0]);
        foreach (var role in new[] { "viewer", "operator", "admin" })
        {
            var key = (await mesh[0].Api.PostAsync($"/v1/arbiter/keys/{(role == "viewer" ? "looks" : role)}", new { role })).Expect(201);
            using var api = new RestApi(mesh[0].Api.Address, (string)key.Json["key"]!);
            foreach (var (table, column, value) in Tables)
            {
                await AssertRefusedAsync(api, table, column, denied: role == "viewer" ? 403 : 404);
                var secret = await mesh[0].TextAsync(value);
                Assert.True(secret.Length > 4, $"{table} has no such value: {secret}");
                Assert.DoesNotContain(api.Transcript, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
            }
        }

        Assert.Equal(before, await RowsAsync(mesh[0]));
    }

    private static async Task AssertRefusedAsync(RestApi api, string table, string column, int denied)
    {
        object[] columns = [new { name = column, form = "native" }];
        object row = new Dictionary<string, object> { [column] = "1" };
        var key = Uri.EscapeDataString($$"""{"{{column}}":"1"}""");
        (await api.GetAsync($"/v1/arbiter/row/{table}?key={key}")).ExpectProblem(404, "not replicated");
        (await api.PostAsync($"/v1/arbiter/row/{table}", new { row })).ExpectProblem(denied);
        (await api.GetAsync($"/v1/arbiter/row-hashes/{table}")).ExpectProblem(404, "not replicated");
        (await api.PostAsync($"/v1/arbiter/row-hashes/{table}", new { columns, ranges = new[] { new { } } })).ExpectProblem(denied);
        (
            await api.PostAsync(
                $"/v1/arbiter/row-bounds/{table}",
                new
                {
                    range = new { },
                    every = 1,
                    most = 9,
                }
            )
        ).ExpectProblem(denied);
        (await api.PostAsync($"/v1/arbiter/row-versions/{table}", new { columns, range = new { } })).ExpectProblem(404, "not replicated");
        (
            await api.PostAsync(
                $"/v1/arbiter/row-versions/{table}",
                new
                {
                    columns,
                    keys = new[] { new[] { "1" } },
                    has_rows = true,
                }
            )
        ).ExpectProblem(404, "not replicated");
        var rows = new[] { new { key = row, is_deletion = true } };
        (await api.PostAsync($"/v1/arbiter/announcements/{table}", new { rows })).ExpectProblem(denied);
        (await api.PostAsync("/v1/arbiter/comparisons", new { tables = new[] { table } })).ExpectProblem(denied);
        if (table != "public.diary")
            Assert.InRange((await api.PutAsync($"/v1/arbiter/replicaset/{table}")).Code, 400, 409);
    }

    private static Task<string> RowsAsync(MeshNode node) =>
        node.TextAsync("select count(*) || ' ' || (select count(*) from trktr.node_key) from public.diary");
}
