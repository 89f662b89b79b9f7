using Traktor.Engine;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Postgres;

public sealed class QuoteTests
{
    [Theory]
    [InlineData("orders", "\"orders\"")]
    [InlineData("Mixed Case", "\"Mixed Case\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData("a'b;--", "\"a'b;--\"")]
    [InlineData("line\nbreak", "\"line\nbreak\"")]
    [InlineData("back\\slash", "\"back\\slash\"")]
    [InlineData("🚜", "\"🚜\"")]
    public void Identifier_AnyName_IsQuoted(string name, string quoted) => Assert.Equal(quoted, Quote.Identifier(name));

    [Theory]
    [InlineData("", "''")]
    [InlineData("a", "'a'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\\b", " E'a\\\\b'")]
    [InlineData("\\'", " E'\\\\'''")]
    [InlineData("'; DROP TABLE x; --", "'''; DROP TABLE x; --'")]
    [InlineData("line\nbreak", "'line\nbreak'")]
    [InlineData("\"$$", "'\"$$'")]
    public void Literal_AnyText_IsQuoted(string value, string quoted) => Assert.Equal(quoted, Quote.Literal(value));

    [Fact]
    public void Identifier_Random_IsReadBackByTheServersRules()
    {
        foreach (var (values, _) in RandomText.Cases(1000))
        {
            var name = values();
            var quoted = Quote.Identifier(name);

            Assert.Equal(name, quoted[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal));
            Assert.Equal(0, quoted.Count(c => c == '"') % 2);
        }
    }

    [Fact]
    public void Literal_Random_IsReadBackByTheServersRules()
    {
        foreach (var (values, _) in RandomText.Cases(2000))
        {
            var value = values();

            Assert.Equal(value, Unquote(Quote.Literal(value)));
        }
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\ud800')]
    [InlineData('\udc00')]
    public void Both_WhatPostgresCannotHold_IsRefused(char character)
    {
        var text = $"a{character}b";
        Assert.Equal(RefusalKind.Malformed, Assert.Throws<RefusedException>(() => Quote.Identifier(text)).Kind);
        Assert.Equal(RefusalKind.Malformed, Assert.Throws<RefusedException>(() => Quote.Literal(text)).Kind);
    }

    [Fact]
    public void Identifier_Empty_IsRefused() => Assert.Throws<RefusedException>(() => Quote.Identifier(""));

    // The server's lexer: '…' with doubled quotes; E'…' with backslash escapes as well, none of which we need but the
    // backslash itself.
    private static string Unquote(string literal)
    {
        var escapes = literal.StartsWith(" E", StringComparison.Ordinal);
        var body = literal[(escapes ? 2 : 0)..];
        Assert.True(body.Length >= 2 && body[0] == '\'' && body[^1] == '\'');
        var text = new System.Text.StringBuilder();
        for (var at = 1; at < body.Length - 1; at++)
        {
            if (body[at] == '\'' || (escapes && body[at] == '\\'))
                Assert.Equal(body[at], body[++at]);
            Assert.True(at < body.Length - 1, "a quote ends the literal early");
            text.Append(body[at]);
        }

        return text.ToString();
    }
}
