using Traktor.Engine.Schema;

namespace Traktor.UnitTests.Engine.Schema;

public sealed class SqlStatementsTests
{
    private const string Script = """
        -- A comment; with a semicolon, and don't.
        select ';' || "a;b";

        create function f() returns text as $$
        begin
            return $q$;$q$; -- it's inside
        end
        $$;
        -- Between.
        select 'it''s',
            nope -- last; no semicolon
        """;

    [Fact]
    public void Split_QuotesAndComments_OnlyOtherSemicolonsEndAStatement() =>
        Assert.Equal(
            [(2, "select ';' || \"a;b\""), (4, "create function f() returns text as $$"), (10, "select 'it''s',")],
            SqlStatements.Split(Script.ReplaceLineEndings("\n")).Select(statement => (statement.Line, statement.Text.Split('\n')[0]))
        );

    [Fact]
    public void Split_CommentsAndEmptyStatements_Nothing() => Assert.Empty(SqlStatements.Split("-- nothing\n;\n ; -- at all"));

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(20, 11)]
    [InlineData(1000, 11)]
    public void LineOf_Position_IsALineOfTheScript(int position, int line) =>
        Assert.Equal(line, SqlStatements.Split(Script.ReplaceLineEndings("\n")).Last().LineOf(position));
}
