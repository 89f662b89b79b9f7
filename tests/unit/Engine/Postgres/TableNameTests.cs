using Traktor.Engine;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Postgres;

public sealed class TableNameTests
{
    [Theory]
    [InlineData("public.orders", "public", "orders")]
    [InlineData("public.MixedCase", "public", "MixedCase")]
    [InlineData("\"My Schema\".\"My.Table\"", "My Schema", "My.Table")]
    [InlineData("public.\"say \"\"hi\"\"\"", "public", "say \"hi\"")]
    [InlineData("\"public\".orders", "public", "orders")]
    [InlineData("public.two words", "public", "two words")]
    [InlineData("public.a;b'c--", "public", "a;b'c--")]
    [InlineData("public.line\nbreak", "public", "line\nbreak")]
    [InlineData("schäma.🚜", "schäma", "🚜")]
    public void Parse_Name_HasItsParts(string text, string schema, string name) =>
        Assert.Equal(new TableName(schema, name), TableName.Parse(text));

    [Theory]
    [InlineData("", "two parts")]
    [InlineData("orders", "two parts")]
    [InlineData("a.b.c", "two parts")]
    [InlineData(".orders", "empty")]
    [InlineData("public.", "empty")]
    [InlineData(".", "empty")]
    [InlineData("..", "two parts")]
    [InlineData("public.\"\"", "empty")]
    [InlineData("public.\"open", "is not terminated")]
    [InlineData("public.\"", "is not terminated")]
    [InlineData("public.a\"b", "contains a double quote")]
    [InlineData("public.\"a\"b", "dot or the end")]
    [InlineData("public.\"a\"bc", "dot or the end")]
    [InlineData("\"a\" .b", "dot or the end")]
    [InlineData("public.a\0b", "NUL")]
    [InlineData("public.\"a\0b\"", "NUL")]
    public void Parse_NoName_IsRefusedWithTheReason(string text, string reason)
    {
        var refused = Assert.Throws<RefusedException>(() => TableName.Parse(text));

        Assert.Equal(RefusalKind.Malformed, refused.Kind);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', refused.Message);
    }

    [Fact]
    public void Parse_Length_IsCountedInBytes()
    {
        Assert.Equal(63, TableName.Parse("public." + new string('x', 63)).Name.Length);
        Assert.Throws<RefusedException>(() => TableName.Parse("public." + new string('x', 64)));
        Assert.Throws<RefusedException>(() => TableName.Parse("public." + new string('ä', 32)));
        Assert.InRange(Assert.Throws<RefusedException>(() => TableName.Parse("public." + new string('x', 10_000))).Message.Length, 1, 300);
    }

    [Fact]
    public void Parse_HalfASurrogatePair_IsRefused() =>
        Assert.Contains(
            "surrogate",
            Assert.Throws<RefusedException>(() => TableName.Parse("public.a" + (char)0xd800)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Parse_LongTextCutInsideAPair_MessageIsWellFormed()
    {
        var refused = Assert.Throws<RefusedException>(() => TableName.Parse("public." + new string('x', 72) + "🚜🚜"));

        Assert.DoesNotContain(refused.Message.EnumerateRunes(), rune => rune == System.Text.Rune.ReplacementChar);
    }

    [Theory]
    [InlineData("public", "orders", "public.orders")]
    [InlineData("public", "MixedCase", "public.MixedCase")]
    [InlineData("public", "two words", "public.\"two words\"")]
    [InlineData("public", "1st", "public.\"1st\"")]
    [InlineData("public", "a\"b", "public.\"a\"\"b\"")]
    [InlineData("a.b", "c", "\"a.b\".c")]
    [InlineData("public", "größe", "public.größe")]
    public void ToString_Name_IsQuotedWhereNeeded(string schema, string name, string shown) =>
        Assert.Equal(shown, new TableName(schema, name).ToString());

    [Fact]
    public void Quoted_Name_QuotesBothParts() => Assert.Equal("\"a\"\"b\".\"c.d\"", new TableName("a\"b", "c.d").Quoted);

    [Fact]
    public void Folded_Name_IsLowerCase() => Assert.Equal(new TableName("public", "orders"), TableName.Parse("Public.ORDERS").Folded());

    [Fact]
    public void Folded_NotAscii_KeepsItsCaseAsUtf8ServersDo() =>
        Assert.Equal(new TableName("public", "grÖsse"), TableName.Parse("Public.GRÖSSE").Folded());

    [Fact]
    public void ToString_RandomNames_ParseBackToTheSame()
    {
        foreach (var (values, _) in RandomText.Cases(2000))
        {
            var name = new TableName(values(), values());

            Assert.Equal(name, TableName.Parse(name.ToString()));
            Assert.Equal(name, TableName.Parse(name.Quoted));
        }
    }
}
