using Traktor.Engine.Conflicts.Rows;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Live.Cases;

public sealed class MergeDraftTests
{
    [Fact]
    public void Row_NothingChosen_IsTheKeyAlone()
    {
        var draft = new MergeDraft(SomeCase.Columns, SomeCase.Row("here"), SomeCase.Row("there"));

        Assert.False(draft.HasChanges);
        Assert.Equal("""{"id":"1"}""", draft.Row().GetRawText());
    }

    [Fact]
    public void Row_Chosen_IsSentAndNoMore()
    {
        var draft = new MergeDraft(SomeCase.Columns, SomeCase.Row("here", "{}"), SomeCase.Row("there", "[1]"));
        draft.Take("payload", ColumnSource.Remote);

        Assert.Equal("""{"id":"1","payload":"there"}""", draft.Row().GetRawText());
        Assert.Equal("""{"id":"1","payload":"there","facts":{}}""", draft.Row(isWhole: true).GetRawText());
        draft.Take("payload", ColumnSource.Local);
        Assert.False(draft.HasChanges);
    }

    [Fact]
    public void Row_Json_IsJsonAndNotItsText()
    {
        var draft = new MergeDraft(SomeCase.Columns, SomeCase.Row("here"), SomeCase.Row("there"));
        draft.Write("facts", """{"n": 12345678901234567890.5}""");

        Assert.Equal(
            """{"n":12345678901234567890.5}""",
            draft.Row().GetProperty("facts").GetRawText().Replace(" ", "", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void WrongWith_JsonNullThatWouldBeSent_SaysThatItCannotBe()
    {
        var facts = SomeCase.Columns.Single(column => column.Name == "facts");
        var draft = new MergeDraft(SomeCase.Columns, SomeCase.Row("here", "null"), SomeCase.Row("there", " null"));

        Assert.Null(draft.WrongWith(facts));
        draft.Take("facts", ColumnSource.Remote);
        Assert.Contains("Choose NULL", draft.WrongWith(facts), StringComparison.Ordinal);
        draft.Write("facts", "null");
        Assert.Contains("Choose NULL", draft.WrongWith(facts), StringComparison.Ordinal);
        draft.Write("facts", "{}");
        Assert.Null(draft.WrongWith(facts));
    }

    [Fact]
    public void Row_Null_IsSaid()
    {
        var draft = new MergeDraft(SomeCase.Columns, SomeCase.Row("here"), SomeCase.Row("there"));
        draft.Write("payload", null);

        Assert.Equal(System.Text.Json.JsonValueKind.Null, draft.Row().GetProperty("payload").ValueKind);
        draft.Write("payload", "");
        Assert.Equal("", draft.Row().GetProperty("payload").GetString());
    }

    [Fact]
    public void NoLocalRow_BuildsUponTheRemoteOne()
    {
        var draft = new MergeDraft(SomeCase.Columns, null, SomeCase.Row("there"));

        Assert.Equal(("there", ColumnSource.Remote), (draft.TextOf("payload"), draft.SourceOf("payload")));
        Assert.Equal("there", draft.Values()["payload"]);
    }

    [Theory]
    [InlineData(ColumnKind.WholeNumber, "12", true)]
    [InlineData(ColumnKind.WholeNumber, "-12345678901234567890", true)]
    [InlineData(ColumnKind.WholeNumber, "1.5", false)]
    [InlineData(ColumnKind.WholeNumber, "", false)]
    [InlineData(ColumnKind.Number, "-1.5e-7", true)]
    [InlineData(ColumnKind.Number, "NaN", true)]
    [InlineData(ColumnKind.Number, "1,5", false)]
    [InlineData(ColumnKind.Boolean, "t", true)]
    [InlineData(ColumnKind.Boolean, "yes", false)]
    [InlineData(ColumnKind.Json, "[1, {\"a\": null}]", true)]
    [InlineData(ColumnKind.Json, "{a: 1}", false)]
    [InlineData(ColumnKind.Date, "", false)]
    [InlineData(ColumnKind.Date, "infinity", true)]
    [InlineData(ColumnKind.Enum, "sad", true)]
    [InlineData(ColumnKind.Enum, "glad", false)]
    [InlineData(ColumnKind.Other, "anything", true)]
    public void WrongWith_Value_IsSaidWhereItCanBeTold(ColumnKind kind, string text, bool isRight) =>
        Assert.Equal(isRight, ValueWords.WrongWith(SomeCase.Column("c", kind, "t", "sad", "ok"), text) is null);

    [Theory]
    [InlineData("2026-11-24 10:20:30", "2026-11-24T10:20:30")]
    [InlineData("2026-11-24 10:20:30.123+00", "2026-11-24T10:20:30.123")]
    [InlineData("2026-11-24 10:20:30.123456+00", null)]
    [InlineData("infinity", null)]
    [InlineData("0044-03-15 BC", null)]
    public void ToMoment_OnlyWhatTheBrowserCanHold(string text, string? expected) => Assert.Equal(expected, ValueWords.ToMoment(text));
}
