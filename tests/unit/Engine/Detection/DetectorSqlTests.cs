using Traktor.Engine.Detection;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Detection;

public sealed class DetectorSqlTests
{
    [Fact]
    public void Install_AnyName_IsQuotedAsIdentifierAndAsLiteral()
    {
        var sql = DetectorSql.Install(new TableName("My Schema", "o'table"), ["Id", "k'2"]);

        Assert.Contains("BEFORE UPDATE ON \"My Schema\".\"o'table\"\n", sql, StringComparison.Ordinal);
        Assert.Contains("trktr.detect_update('My Schema', 'o''table', 'Id', 'k''2');", sql, StringComparison.Ordinal);
        Assert.Contains("""AFTER UPDATE OF "Id", "k'2" ON""", sql, StringComparison.Ordinal);
        Assert.Contains(
            """WHEN (OLD."Id" IS DISTINCT FROM NEW."Id" OR OLD."k'2" IS DISTINCT FROM NEW."k'2")""",
            sql,
            StringComparison.Ordinal
        );
    }
}
