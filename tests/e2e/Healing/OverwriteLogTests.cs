using Traktor.E2ETests.Detector;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Healing;

/// <summary>What a heal notes of many rows at once, and of one, is what the trigger notes of each.</summary>
public sealed class OverwriteLogTests
{
    /// <summary>Rows of a table that is somebody else's are noted by its triggers.</summary>
    private static readonly string[] Tables = ["many", "single", "foreign_owned"];

    private const string LoggedAt =
        "operation, key, old_row, old_at is null, old_node, old_incomplete, new_row, peer, is_refused, recorded";

    /// <summary>
    /// Statements that hit two rows each; most have one that everybody knows and one that is news to the writer.
    /// </summary>
    private static readonly (string Change, int[] Ids)[] Changes =
    [
        ("insert into {0} (id, v, large) values ({1}, 'late', 'sent')", [10, 11]),
        ("update {0} set v = 'late' where id = {1}", [1, 4]),
        ("update {0} set v = 'later' where id = {1}", [1, 4]),
        ("update {0} set v = 'large' where id = {1}", [2, 5]),
        ("delete from {0} where id = {1}", [3, 6]),
    ];

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, "UTC")]
    [InTurn(18, "Asia/Kolkata")]
    public async Task Run_OfManyRows_LogsTheOverwritesThatTheTriggerLogs(int major, string timeZone)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.EverywhereAsync($"alter database {TestMesh.Database} set timezone = '{timeZone}'");
        await mesh.ReplicateAsync("public.between", "create table between (id int generated always as identity primary key)");
        await mesh.EverywhereAsync("create role clerk; grant create, usage on schema public to clerk");
        foreach (var table in Tables)
        {
            await mesh.ReplicateAsync(
                $"public.{table}",
                $"create table {table} (id int primary key, v text, large text, at timestamptz default '2026-11-24 "
                    + $"12:00:00+00'){(table == "foreign_owned" ? $"; alter table {table} owner to clerk" : "")}"
            );
            await mesh[0]
                .ExecuteAsync(
                    $"insert into {table} select i, 'first', case i when 2 then (select string_agg(md5(n::text), '') from "
                        + $"generate_series(1, 1000) n) end from generate_series(1, 6) i"
                );
            await WatchedTable.AwaitStableAsync(mesh, table);
        }

        Split.Cut(mesh, 1);
        await mesh[1].Arbiter.KillAsync();
        await using (var instead = await mesh[1].OpenAsync())
        {
            // Who holds it is the node's convergence: nobody takes entries away.
            await instead.ExecuteAsync($"select trktr.try_session_lock('{NodeLocks.Convergence}', false)");
            await instead.ExecuteAsync("select setval('trktr.nothing_contested', 1, false)");
            foreach (var table in Tables)
                await mesh[1]
                    .ExecuteAsync(
                        $"insert into {table} (id, v) values (10, 'early'), (11, 'early'); update {table} set v = 'early' where "
                            + $"id in (1, 2, 3); "
                            + $"insert into trktr.contested_key (schema_name, table_name, key, stamp_at, stamp_node, "
                            + $"heartbeat_seq) values ('public', '{table}', '{{\"id\": \"5\"}}', '2026-01-01', 1, 1)"
                    );
            await mesh[0].ExecuteAsync($"begin; {string.Concat(Changes.Select(change => Many(change.Change, change.Ids)))} commit");
            await OneByOneAsync(mesh, "single");
            await OneByOneAsync(mesh, "foreign_owned");
            await mesh[1].Arbiter.StartAsync();
            Split.Heal(mesh, 1);
            await mesh[1].AwaitTextAsync("select count(*) from between", $"{4 * Changes.Length}");

            Assert.Equal(await NotesAsync(mesh[1], "foreign_owned", LoggedAt), await NotesAsync(mesh[1], "many", LoggedAt));
            Assert.Equal(
                await NotesAsync(mesh[1], "single", $"{LoggedAt}, new_incomplete"),
                await NotesAsync(mesh[1], "many", $"{LoggedAt}, new_incomplete")
            );
            Assert.Equal(
                """
                D|3|early||1
                U|1|early|late|1
                U|1||later|
                U|10|early|late|1
                U|11|early|late|1
                U|2|early|large|1
                U|4||later|
                U|5|first|large|0
                """,
                await NotesAsync(mesh[1], "many", "operation, key::json->>'id', old_row->>'v', new_row->>'v', old_node")
            );
            // The heal knows what was sent; to the trigger whatever is as it was may not have been, null too.
            Assert.Equal("U|2", await NotesAsync(mesh[1], "many", "operation, key::json->>'id'", "new_incomplete"));
            Assert.Equal(
                "",
                await NotesAsync(
                    mesh[1],
                    "foreign_owned",
                    "1",
                    "new_incomplete <> (new_row is not null and new_row ->> 'large' is distinct from 'sent')"
                )
            );
        }

        foreach (var table in Tables)
            await Split.AwaitEqualAsync(mesh, table);
    }

    private static async Task OneByOneAsync(TestMesh mesh, string table)
    {
        var statements = Changes.SelectMany(
            change => change.Ids,
            (change, id) => One(change.Change, table, id) + " insert into between default values;"
        );
        await mesh[0].ExecuteAsync($"begin; {string.Concat(statements)} commit");
    }

    private static string Many(string change, int[] ids) => One(change, "many", ids[0]) + One(change, "many", ids[1]);

    private static string One(string change, string table, int id) =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, change, table, id) + ';';

    private static Task<string> NotesAsync(MeshNode node, string table, string columns, string condition = "true") =>
        node.TextAsync(
            $"select {columns} from trktr.overwrite_log where table_name = '{table}' and {condition} order by operation, "
                + $"key::json->>'id', id"
        );
}
