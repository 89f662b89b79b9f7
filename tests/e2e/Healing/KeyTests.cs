using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Conflicts;

namespace Traktor.E2ETests.Healing;

/// <summary>Keys and values of all kinds survive a conflict as they are.</summary>
public sealed class KeyTests
{
    private static readonly (string On0, string On1) Existing = ("insert_exists", "insert_exists");

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public Task Keys_OfAllKinds_TheLaterRowIsEverywhere(int major) =>
        ContestedTable.PlayAsync(
            major,
            Same("key_composite", "a int, b text, v text, primary key (a, b)", "1, 'x y'"),
            Same("key_uuid", "a uuid primary key, v text", "'6d7d3a3e-0000-4000-8000-000000000001'"),
            Same("key_text", "a text primary key, v text", "E'a b\\n''\"\\\\ \\t{,}()%'"),
            Same("key_date", "a date primary key, v text", "'2026-02-28'"),
            Same("key_negative", "a bigint primary key, v text", "-9223372036854775808"),
            Same("key_bytea", "a bytea primary key, v text", "'\\x00ff275c'::bytea"),
            Same("key_numeric", "a numeric primary key, v text", "'NaN'"),
            Same("key_time", "a timestamptz primary key, v text", "'-infinity'"),
            Same("key_float", "a float8 primary key, v text", "'0.1'::float8 + 0.2"),
            Same("key_char", "a char(7) primary key, v text", "'ab'"),
            Same("key_bit", "a bit(9) primary key, v text", "B'101010101'"),
            Same("key_interval", "a interval primary key, v text", "'-1 mons +2 days -00:00:03.5'"),
            Same("\"Key Quoted\"", "\"A \"\"b\" int primary key, v text", "1"),
            Same("key_full", "a int primary key, v text", "1") with
            {
                After = "alter table key_full replica identity full",
            },
            Same("key_index", "p serial primary key, a int not null, v text", "7", "a, v") with
            {
                After = "create unique index key_index_a on key_index (a); alter table key_index replica identity using index key_index_a",
            }
        );

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public Task Values_OfAllKinds_AreKept(int major) =>
        ContestedTable.PlayAsync(
            major,
            new ContestedTable(
                "val_none",
                "id int primary key",
                "insert into val_none values (1)",
                "insert into val_none values (1), (2)",
                "(1) (2)",
                Types: Existing,
                After: "create type mood as enum ('sad', 'happy'); create domain positive as int check (value > 0); create type pair "
                    + "as (a int, b text)"
            ),
            new ContestedTable(
                "val",
                """
                id int primary key, e mood, d positive, i int[], t text[][], p pair, r int4range, m datemultirange, j jsonb, js json,
                n numeric(40, 20), f float4, b bytea, ts timestamp, tz timestamptz, iv interval, c char(5), vc varchar(5), x xml,
                inet inet, g point, o oid, bi bit varying(8), ch "char", money numeric
                """,
                "insert into val values (1); insert into val (id, e) values (2, 'sad')",
                """
                insert into val
                values (1, 'happy', 5, '{1,NULL,-3}', '{{a,"b c"},{"d\"","\\"}}', '(1,"x, y")', '[1,5)',
                    '{[2026-01-01,2026-02-01)}', '{"a": [1, null, "\u00e4"]}', '{"a":  1}',
                    'NaN', 'Infinity', '\x0001', 'infinity', '-infinity', '1 year -2 days',
                    'ab', 'abcde', '<a b="c"/>', '10.0.0.1/8', '(1,2)', 42, B'101', '\001', 'Infinity');
                update val set j = '{}' where id = 1; insert into val (id, tz) values (2, '2026-11-23 10:00:00.123456+01')
                """
            ),
            new ContestedTable(
                "val_generated",
                "id int primary key, a int, twice int generated always as (a * 2) stored",
                "insert into val_generated values (1, 1)",
                "insert into val_generated values (1, 2)",
                "(1,2,4)",
                Types: Existing
            ),
            new ContestedTable(
                "val_identity",
                "id int generated always as identity primary key, a text",
                "insert into val_identity (a) values ('early')",
                "insert into val_identity (a) values ('late')",
                "(1,late)",
                Types: Existing
            ),
            new ContestedTable(
                "val_toast",
                "id int primary key, a text, doc text",
                "update val_toast set a = 'early' where id in (1, 2); insert into val_toast values (3, 'e', 'e')",
                "update val_toast set a = 'late' where id = 1; insert into val_toast values (3, 'l', 'l')",
                Before: "alter table val_toast alter doc set storage external; insert into val_toast select i, 'x', "
                    + "repeat('0123456789', 100000) from generate_series(1, 2) i"
            ),
            new ContestedTable(
                "val_many",
                "id int primary key, " + string.Join(", ", Enumerable.Range(1, 120).Select(i => $"c{i} int")),
                "insert into val_many (id, c120) values (1, 1)",
                "insert into val_many (id, c119) values (1, 1)",
                Types: Existing
            ),
            new ContestedTable(
                "val_parts",
                "id int, region text, v text, primary key (id, region)",
                "insert into val_parts values (1, 'a', 'early'), (2, 'b', 'early')",
                "insert into val_parts values (1, 'a', 'late'); update val_parts set v = 'late' where id = 1",
                "(1,a,late) (2,b,early)",
                Types: Existing
            )
            {
                Tail = "partition by list (region)",
                After =
                    "create table val_parts_a partition of val_parts for values in ('a'); create table val_parts_b partition "
                    + "of val_parts for values in ('b')",
            }
        );

    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(17)]
    public async Task Columns_OfAnotherOrderAndMore_FindEachOther(int major)
    {
        await using var mesh = await Mesh.TestMesh.StartFullAsync(major, major);
        await mesh[0].ExecuteAsync("create table public.shape (id int primary key, a text, b int)");
        await mesh[1]
            .ExecuteAsync(
                "create table public.shape (own text default 'mine', b int, gone int, a text, id int primary key); alter table "
                    + "public.shape drop column gone"
            );
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync("/v1/arbiter/replicaset/public.shape")).Expect(201);
        (await mesh[0].Api.PatchAsync("/v1/arbiter/replicaset")).Expect(200);
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into shape (id, a, b, own) values (1, 'early', 1, 'kept')");
        await mesh[0].ExecuteAsync("insert into shape values (1, 'late', 2), (2, 'late', 3)");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select id, a, b from shape order by id", "1|late|2\n2|late|3");
        Assert.Equal("kept|mine", await mesh[1].TextAsync("select string_agg(own, '|' order by id) from shape"));
    }

    private static ContestedTable Same(string name, string columns, string key, string? into = null)
    {
        var names = into is null ? "" : $"({into})";
        return new ContestedTable(
            name,
            columns,
            $"insert into {name} {names} values ({key}, 'early')",
            $"insert into {name} {names} values ({key}, 'late'), ({Other(key)}, 'other')",
            Types: Existing
        );
    }

    /// <summary>A second row, so that runs of several are seen too.</summary>
    private static string Other(string key) =>
        key switch
        {
            "1, 'x y'" => "2, ''",
            "'6d7d3a3e-0000-4000-8000-000000000001'" => "'6d7d3a3e-0000-4000-8000-000000000002'",
            "'2026-02-28'" => "'infinity'",
            "'-infinity'" => "'2026-01-01 00:00:00.000001+00'",
            "'NaN'" => "'-0.0000000000000000000000000000001'",
            "'ab'" => "' b'",
            "B'101010101'" => "B'111111111'",
            "'\\x00ff275c'::bytea" => "''::bytea",
            "'-1 mons +2 days -00:00:03.5'" => "'1 day'",
            var text when text.StartsWith("E'", StringComparison.Ordinal) => "' '",
            _ => "3",
        };

    /// <summary>
    /// One node gives a row another key, the other changes it later: peers that have moved it drop that change, so both
    /// rows are kept, everywhere.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task KeyChange_OfARowThatWasChangedLaterHere_KeepsBoth(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await mesh[0].ExecuteAsync("insert into item values (2, 'first')");
        await mesh.AgreeAsync("select count(*) from item", "1");
        Split.Cut(mesh, 1);
        // The insert stops the subscription, and the heal comes to the other in its wake.
        await mesh[1].ExecuteAsync("insert into item values (3, 'early')");
        await mesh[0].ExecuteAsync("begin; insert into item values (3, 'late'); update item set id = 5 where id = 2; commit");
        await mesh[1].ExecuteAsync("update item set name = 'later' where id = 2");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select string_agg(id || ':' || name, ' ' order by id) from item", "2:later 3:late 5:first");
        await mesh.RestAsync();
        await mesh.AgreeAsync("select string_agg(id || ':' || name, ' ' order by id) from item", "2:later 3:late 5:first");
        Assert.Equal(
            PolicyRules.TakesRowAway,
            await mesh[1]
                .TextAsync(
                    "select string_agg(reason, ' / ') from trktr.history where key ->> 'id' = '2' and local_row ->> 'name' = 'later'"
                )
        );
    }
}
