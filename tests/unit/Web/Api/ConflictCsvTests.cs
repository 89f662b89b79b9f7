using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Api.Conflicts;
using Traktor.Web.Contracts.Values;

namespace Traktor.UnitTests.Web.Api;

public sealed class ConflictCsvTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    public void Text_ForASpreadsheet_IsNeverAFormula(string text, string field) => Assert.Equal(field, CsvText.Of(text));

    [Fact]
    public void Line_OfAConflict_HasAFieldForEachColumn()
    {
        var entry = Entries.Entry(7, local: null, remote: """{"id":1,"note":"a"}""") with { Reason = "@hint" };
        var line = ConflictCsv.Line(2, entry);
        Assert.StartsWith(
            "2,7,2026-11-23T12:00:00.0000000Z,pending,shop.orders,insert_exists,insert,1,"
                + "\"{\"\"id\"\":1}\",,,,\"{\"\"id\"\":1,\"\"note\"\":\"\"a\"\"}\",",
            line,
            StringComparison.Ordinal
        );
        Assert.EndsWith(",'@hint\r\n", line, StringComparison.Ordinal);
        Assert.Equal(
            ConflictCsv.Header.Count(sign => sign == ','),
            ConflictCsv.Line(2, Entries.Entry(7, local: null, remote: null, key: "1")).Count(sign => sign == ',')
        );
    }
}
