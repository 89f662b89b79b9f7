using Traktor.Engine.Audit;

namespace Traktor.UnitTests.Engine.Audit;

public sealed class AuditCursorTests
{
    [Fact]
    public void Parse_WhatItWrites_IsTheSame()
    {
        var cursor = new AuditCursor(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddMicroseconds(123456), 3, 48);

        Assert.Equal("1795424400123456-3-48", cursor.ToString());
        Assert.Equal(cursor, AuditCursor.Parse(cursor.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1-2")]
    [InlineData("1-2-3-4")]
    [InlineData("x-2-3")]
    [InlineData("99999999999999999999-2-3")]
    [InlineData("9223372036854775807-2-3")]
    [InlineData("1-99999999999-3")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(AuditCursor.Parse(text));
}
