using System.Globalization;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Comparisons;

/// <summary>
/// Tables of every shape: equal rows are equal on servers of other majors, and a difference in any of them is found.
/// </summary>
public sealed class KeyTypesTests
{
    private const string Types = """
        create type mood as enum ('sad', 'ok', 'happy');
        create domain positive as int check (value > 0);
        create type pair as (a int, b text);
        create schema "K s";
        """;

    // Of each table the type of its key, and a list of keys.
    private static readonly (string Table, string Columns, string Keys)[] Keyed =
    [
        ("public.k_comp", "a int, b text, v text, primary key (b, a)", "(1, 'a', 'x'), (1, 'b', 'x'), (2, 'a', 'x'), (2, '', 'x')"),
        ("public.k_uuid", "id uuid primary key, v text", "('00000000-0000-0000-0000-000000000001', 'x'), (gen_random_uuid(), 'x')"),
        ("public.k_interval", "id interval primary key, v text", "('1 month', 'x'), ('31 days 04:05:06.789', 'x'), ('-1 year', 'x')"),
        ("public.k_money", "id money primary key, v text", "((-1.5)::numeric::money, 'x'), (1234567.89::numeric::money, 'x')"),
        ("public.k_range", "id int4range primary key, v text", "('[1,5)', 'x'), ('empty', 'x'), ('(,7)', 'x')"),
        ("public.k_enum", "id mood primary key, v text", "('sad', 'x'), ('happy', 'x')"),
        ("public.k_bytea", "id bytea primary key, v text", "('\\x', 'x'), ('\\x00ff', 'x'), ('\\x27', 'x')"),
        ("public.k_float", "id float8 primary key, v text", "('NaN', 'x'), ('-Infinity', 'x'), (1e-300, 'x'), (0.1, 'x')"),
        ("public.k_text", "id text primary key, v text", "('', 'x'), ('a''b\"c\\d', 'x'), ('ä {,} NULL', 'x')"),
        (
            "public.k_time",
            "id timestamptz primary key, v text",
            "('infinity', 'x'), ('2026-03-29 02:30:00.123456+02', 'x'), ('4713-01-01 BC', 'x')"
        ),
        ("\"K s\".\"T.1\"", "\"I d\" positive primary key, \"V w\" text", "(1, 'x'), (2147483647, 'x')"),
        ("public.k_bool", "id boolean, n numeric, v text, primary key (id, n)", "(true, 1.50, 'x'), (false, 1.5, 'x')"),
    ];

    private static readonly string[] Kinds =
    [
        "json",
        "jsonb",
        "int[]",
        "mood[]",
        "text[]",
        "pair",
        "numeric",
        "float4",
        "interval",
        "money",
        "timestamp",
        "time",
        "timetz",
        "bit(3)",
        "varbit",
        "inet",
        "tsrange",
        "point",
        "name",
        "char(5)",
        "tsvector",
        "int4multirange",
        "positive",
        "mood",
        "bytea",
        "regclass",
    ];

    private static readonly string[] Values =
    [
        "{\"b\":1,  \"a\":null}",
        "{\"b\": 1.50}",
        "{{1,2},{NULL,3}}",
        "{sad,ok}",
        "{a,\"b c\",NULL}",
        "(1,\"x y\")",
        "1.500",
        "0.1",
        "1 mon",
        "12.50",
        "2026-03-29 02:30:00.5",
        "23:59:59",
        "01:02:03+05",
        "101",
        "10101",
        "10.0.0.1/8",
        "[2026-01-01,)",
        "(1,2)",
        "pg",
        "ab",
        "'cat':2A 'dog'",
        "{[1,3),[5,7)}",
        "7",
        "ok",
        "\\x0102",
        "pg_class",
    ];

    private static readonly string[] Others =
    [
        "{\"b\":1, \"a\":null}",
        "{\"b\": 1.5}",
        "{{1,2},{3,NULL}}",
        "{ok,sad}",
        "{a,\"b c\",\"NULL\"}",
        "(1,\"x  y\")",
        "1.5",
        "0.10000001",
        "30 days",
        "12.51",
        "2026-03-29 02:30:00.500001",
        "24:00:00",
        "02:02:03+06",
        "100",
        "101010",
        "10.0.0.1/9",
        "(2026-01-01,)",
        "(1,-2)",
        "pgx",
        "ab x",
        "'cat':2B 'dog'",
        "{[1,3),[5,8)}",
        "8",
        "sad",
        "\\x0103",
        "pg_type",
    ];

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(18, 18)]
    [TierAll(16, 17, 18)]
    [TierAll(15, 18, 16)]
    public async Task Comparison_OfTablesOfEveryShape_FindsWhatDiffersAndNothingElse(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.EverywhereAsync(Types);
        foreach (var (table, columns, _) in Keyed)
            await mesh.EverywhereAsync($"create table {table} ({columns})");
        await mesh.EverywhereAsync(
            $"create table kinds (id int primary key, {string.Join(", ", Kinds.Select((kind, i) => $"c{i} {kind}"))})"
        );
        await mesh.EverywhereAsync(
            $"create table wide (id int primary key, {string.Join(", ", Enumerable.Range(1, 999).Select(i => $"c{i} int"))})"
        );
        await mesh.EverywhereAsync(
            """
            create table parted (id int primary key, v text) partition by range (id);
            create table parted_low partition of parted for values from (minvalue) to (100);
            """
        );
        await mesh[0]
            .ExecuteAsync(
                """
                create table parted_high partition of parted for values from (100) to (maxvalue);
                create table shaped (gone int, id int primary key, a int, b text, g int generated always as (a + 1) stored);
                alter table shaped drop column gone;
                """
            );
        foreach (var node in mesh.Nodes.Skip(1))
            await node.ExecuteAsync(
                """
                create table parted_middle partition of parted for values from (100) to (200);
                create table parted_high partition of parted for values from (200) to (maxvalue);
                create table shaped (b text, a int, id int primary key);
                """
            );
        string[] tables = [.. Keyed.Select(keyed => keyed.Table), "public.kinds", "public.wide", "public.parted", "public.shaped"];
        await mesh.ReplicateAllAsync(tables);
        foreach (var (table, _, keys) in Keyed)
            await mesh[0].ExecuteAsync($"insert into {table} values {keys}");
        await mesh[0]
            .ExecuteAsync(
                $"""
                insert into kinds select n, {string.Join(", ", Values.Select((value, i) => $"{Literal(value)}::{Kinds[i]}"))}
                from generate_series(0, {Kinds.Length}) n;
                insert into wide (id, c1, c999) values (1, 1, 999), (2, null, 0);
                insert into parted select n, 'x' from generate_series(1, 300) n;
                insert into shaped (id, a, b) values (1, 1, 'x'), (2, null, null);
                """
            );
        await mesh.AgreeAsync("select (select count(*) from shaped) || ' ' || (select count(*) from parted)", "2 300");
        // The same values under another type, and a column more, as while the table is being changed.
        await mesh[1].ExecuteAsync("alter table shaped alter column a type bigint, add column extra int default 7");

        var comparison = await mesh[0].ComparedAsync(await mesh[0].CompareAsync());
        Assert.Equal(
            "",
            string.Join(
                '\n',
                comparison["tables"]!.AsArray().Where(table => !(bool)table!["is_proven"]!).Select(table => table!.ToJsonString())
            )
        );
        Assert.Equal(tables.Length, comparison["tables"]!.AsArray().Count);
        Assert.Equal(["extra"], comparison.Table("public.shaped")["columns_left_out"]!.AsArray().Select(column => (string)column!));
        Assert.Equal(300, (int)comparison.Table("public.parted")["rows"]!);

        await mesh[1]
            .PlantAsync(
                string.Join(
                    "; ",
                    Keyed.Select(keyed =>
                        $"update {keyed.Table} set {(keyed.Table.Contains("K s", StringComparison.Ordinal) ? "\"V w\"" : "v")} = null "
                        + $"where ctid = (select min(ctid) from {keyed.Table})"
                    )
                )
                    + "; "
                    + string.Join("; ", Others.Select((value, i) => $"update kinds set c{i} = {Literal(value)}::{Kinds[i]} where id = {i}"))
                    + "; update wide set c998 = 1 where id = 1; update parted set v = 'y' where id in (150, 299); "
                    + "update shaped set extra = 8; update shaped set a = 2 where id = 1"
            );
        var id = await mesh[0].CompareAsync();
        comparison = await mesh[0].ComparedAsync(id);
        Assert.Equal(
            Keyed
                .Select(keyed => (keyed.Table, 1))
                .Concat([("public.kinds", Kinds.Length), ("public.wide", 1), ("public.parted", 2), ("public.shaped", 1)])
                .Order(),
            comparison["tables"]!.AsArray().Select(table => ((string)table!["relation"]!, (int)table["different"]!)).Order()
        );
        Assert.Equal(
            Enumerable.Range(0, Kinds.Length),
            (await mesh[0].DifferencesAsync(id, "public.kinds"))
                .Select(difference => int.Parse((string)difference["key"]!["id"]!, CultureInfo.InvariantCulture))
                .Order()
        );
    }

    private static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
