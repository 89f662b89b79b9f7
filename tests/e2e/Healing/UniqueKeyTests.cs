namespace Traktor.E2ETests.Healing;

/// <summary>Rows of different keys that exclude one another: the smaller stamp loses its row, on every node.</summary>
public sealed class UniqueKeyTests
{
    private static readonly (string On0, string On1) Existing = ("insert_exists", "insert_exists");

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    public Task UniqueKeys_HeldByAnotherRow_TheSmallerStampLosesItsRow(int major) => ContestedTable.PlayAsync(
        major,
        new ContestedTable(
            "uq_insert", "id int primary key, email text unique",
            "insert into uq_insert values (1, 'x'), (5, 'five')", "insert into uq_insert values (2, 'x'), (6, 'six')", "(2,x) (5,five) (6,six)", Types: Existing),
        new ContestedTable(
            "uq_partial", "id int primary key, email text, live boolean",
            "insert into uq_partial values (1, 'x', true), (3, 'x', false)", "insert into uq_partial values (2, 'x', true), (4, 'x', false)", "(2,x,t) (3,x,f) (4,x,f)",
            After: "create unique index on uq_partial (email) where live", Types: Existing),
        new ContestedTable(
            "uq_expression", "id int primary key, email text",
            "insert into uq_expression values (1, 'X')", "insert into uq_expression values (2, 'x')", "(2,x)",
            After: "create unique index on uq_expression (lower(email))", Types: Existing),
        new ContestedTable(
            "uq_nulls", "id int primary key, a int, unique nulls not distinct (a)",
            "insert into uq_nulls values (1, null)", "insert into uq_nulls values (2, null)", "(2,)", Types: Existing),
        new ContestedTable(
            "uq_two", "id int primary key, a text unique, b text unique",
            "insert into uq_two values (1, 'a', 'p'), (2, 'b', 'q')", "insert into uq_two values (3, 'a', 'q')", "(3,a,q)",
            Types: ("insert_exists insert_exists", "multiple_unique_conflicts")),
        new ContestedTable(
            "uq_key_and", "id int primary key, a text unique",
            "insert into uq_key_and values (1, 'a'), (2, 'b')", "insert into uq_key_and values (1, 'b')", "(1,b)",
            Types: ("insert_exists insert_exists", "multiple_unique_conflicts")),
        new ContestedTable(
            "uq_leaf", "id int primary key, v text",
            "insert into uq_leaf values (1, 'x'), (11, 'x')", "insert into uq_leaf values (2, 'x'), (12, 'x')", "(11,x) (12,x) (2,x)",
            After: "create table uq_leaf_1 partition of uq_leaf for values from (0) to (10); create table uq_leaf_2 partition of uq_leaf for values from (10) to (20); create unique index on uq_leaf_1 (v)",
            Types: Existing) { Tail = "partition by range (id)" },
        new ContestedTable(
            "uq_update", "id int primary key, email text unique",
            "update uq_update set email = 'z' where id = 1", "update uq_update set email = 'z' where id = 2", "(2,z) (3,c)",
            Before: "insert into uq_update values (1, 'a'), (2, 'b'), (3, 'c')", Types: ("update_exists", "update_exists")),
        new ContestedTable(
            "uq_rekey", "id int primary key, v text",
            "update uq_rekey set id = 3 where id = 1", "insert into uq_rekey values (3, 'late')", "(2,b) (3,late)",
            Before: "insert into uq_rekey values (1, 'a'), (2, 'b')", Types: ("update_exists", "insert_exists")),
        new ContestedTable(
            "uq_rekey_wins", "id int primary key, v text",
            "insert into uq_rekey_wins values (3, 'early')", "update uq_rekey_wins set id = 3 where id = 1", "(2,b) (3,a)",
            Before: "insert into uq_rekey_wins values (1, 'a'), (2, 'b')", Types: ("insert_exists", "update_exists")),
        new ContestedTable(
            "uq_deferred", "id int primary key, n int unique deferrable initially deferred",
            "insert into uq_deferred values (1, 7)", "begin; insert into uq_deferred values (2, 7), (3, 8); update uq_deferred set n = 15 - n where id in (2, 3); commit", null),
        new ContestedTable(
            "ex_range", "id int primary key, during int4range, exclude using gist (during with &&)",
            "insert into ex_range values (1, '[1,10)'), (4, '[12,14)'), (5, '[50,51)')", "insert into ex_range values (2, '[5,15)')", "(2,\"[5,15)\") (5,\"[50,51)\")"));
}
