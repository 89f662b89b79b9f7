using Bunit;
using Traktor.Engine.Conflicts.Rows;
using Traktor.UnitTests.Web.Live.Cases;
using Traktor.Web.Components.Cases;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Components;

public sealed class CaseComponentTests : BunitContext
{
    [Fact]
    public void RowCompare_MarksDifferingColumns_InASignAndNotByColourAlone()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        var compared = Render<RowCompare>(parameters =>
            parameters
                .Add(c => c.Label, "Both rows")
                .Add(c => c.Columns, SomeCase.Columns)
                .Add(
                    c => c.Versions,
                    [new("On node 0", "here", null, SomeCase.Row("here")), new("From node 1", "arrived", null, SomeCase.Row("there"))]
                )
        );

        var marked = Assert.Single(compared.FindAll("tr.differs"));
        Assert.Equal("payload", marked.QuerySelector("code")!.TextContent);
        Assert.NotNull(marked.QuerySelector("[aria-label='differs']"));
        Assert.Equal(4, compared.FindAll("tbody tr").Count);
        Assert.Contains("NULL", compared.FindAll("tbody tr")[2].TextContent, StringComparison.Ordinal);
        Assert.Contains("not sent", compared.FindAll("tbody tr")[3].TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ColumnKind.Boolean, "t", "true")]
    [InlineData(ColumnKind.Boolean, "f", "false")]
    [InlineData(ColumnKind.Text, "t", "t")]
    public void CellValue_Boolean_IsInWords(ColumnKind kind, string text, string shown) =>
        Assert.Equal(
            shown,
            Render<CellValue>(parameters => parameters.Add(c => c.Column, SomeCase.Column("x", kind, "x")).Add(c => c.Text, text))
                .Find(".traktor-value")
                .TextContent
        );

    [Fact]
    public void RowCompare_NoRow_IsSaid()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        var compared = Render<RowCompare>(parameters =>
            parameters
                .Add(c => c.Label, "Both rows")
                .Add(c => c.Columns, SomeCase.Columns)
                .Add(c => c.Versions, [new("On node 0", "here", null, SomeCase.Row("here")), new("From node 1", "deleted", null, null)])
        );

        Assert.Empty(compared.FindAll("tr.differs"));
        Assert.All(compared.FindAll("tbody tr"), row => Assert.Equal("no row", row.QuerySelectorAll("td")[1].TextContent.Trim()));
    }

    [Fact]
    public void RowGroups_EqualNodes_AreShownOnce()
    {
        var groups = Render<RowGroups>(parameters =>
            parameters
                .Add(c => c.Columns, SomeCase.Columns)
                .Add(c => c.Rows, [(0, SomeCase.Row("x")), (1, SomeCase.Row("y")), (2, SomeCase.Row("x")), (3, null)])
        );

        Assert.Equal(["Nodes 0 and 2 have", "Node 1 has", "Node 3 has"], groups.FindAll("h4").Select(heading => heading.TextContent));
    }

    [Fact]
    public void MergeEditor_TypesOverAValue_AndKeepsTheKey()
    {
        var draft = new MergeDraft(SomeCase.Columns, SomeCase.Row("here"), SomeCase.Row("there"));
        var changed = new List<string>();
        var editor = Render<MergeEditor>(parameters =>
            parameters.Add(c => c.Draft, draft).Add(c => c.Here, "Node 0").Add(c => c.There, "Node 1").Add(c => c.Changed, changed.Add)
        );

        // Neither the key nor a computed column can be chosen.
        Assert.Empty(editor.FindAll("fieldset")[0].QuerySelectorAll("input"));
        Assert.Empty(editor.FindAll("fieldset")[3].QuerySelectorAll("input"));
        editor.FindAll("input[name='merge-payload']")[1].Change("on");
        Assert.Equal("there", draft.TextOf("payload"));
        editor.FindAll("input[name='merge-facts']")[2].Change("on");
        Assert.True(editor.Find("input[aria-label='facts is NULL']").HasAttribute("checked"));
        editor.Find("input[aria-label='facts is NULL']").Change(false);
        editor.Find("textarea[aria-label='Value of facts']").Input("{nothing");
        Assert.Contains("This is not valid JSON", editor.Find("[role='alert']").TextContent, StringComparison.Ordinal);
        editor.Find("textarea[aria-label='Value of facts']").Input("{\"a\": 1}");
        Assert.Empty(editor.FindAll("[role='alert']"));
        Assert.Equal(["payload", "facts", "facts", "facts", "facts"], changed);
    }

    [Fact]
    public void MergeEditor_WhatTheServerSays_StandsAtItsColumn()
    {
        var editor = Render<MergeEditor>(parameters =>
            parameters
                .Add(c => c.Draft, new MergeDraft(SomeCase.Columns, SomeCase.Row("here"), SomeCase.Row("there")))
                .Add(c => c.Here, "Node 0")
                .Add(c => c.There, "Node 1")
                .Add(c => c.Errors, [new ColumnError("payload", "It is too long.")])
        );

        Assert.Equal("It is too long.", editor.FindAll("fieldset")[1].QuerySelector("[role='alert']")!.TextContent);
    }

    [Theory]
    [InlineData(ColumnKind.Boolean, "t", "select")]
    [InlineData(ColumnKind.Enum, "sad", "select")]
    [InlineData(ColumnKind.WholeNumber, "1", "input[inputmode='numeric']")]
    [InlineData(ColumnKind.Number, "1.5", "input[inputmode='decimal']")]
    [InlineData(ColumnKind.Date, "2026-11-24", "input[type='date']")]
    [InlineData(ColumnKind.Date, "infinity", "input[type='text']")]
    [InlineData(ColumnKind.Timestamp, "2026-11-24 10:00:00", "input[type='datetime-local']")]
    [InlineData(ColumnKind.TimestampTz, "2026-11-24 10:00:00.123456+00", "input[type='text']")]
    [InlineData(ColumnKind.Json, "{}", "textarea")]
    [InlineData(ColumnKind.Text, "x", "textarea")]
    [InlineData(ColumnKind.Other, "{1,2}", "input[type='text']")]
    public void ValueEditor_Kind_HasItsField(ColumnKind kind, string value, string selector)
    {
        var editor = Render<ValueEditor>(parameters =>
            parameters.Add(c => c.Column, SomeCase.Column("c", kind, "t", "sad", "ok")).Add(c => c.Value, value)
        );

        Assert.Equal("Value of c", editor.Find(selector).GetAttribute("aria-label"));
        Assert.NotNull(editor.Find("input[type='checkbox']"));
    }

    [Fact]
    public void ValueEditor_Required_OffersNoNull() =>
        Assert.Empty(
            Render<ValueEditor>(parameters =>
                    parameters
                        .Add(c => c.Column, SomeCase.Column("c", ColumnKind.Text, "text") with { IsRequired = true })
                        .Add(c => c.Value, "x")
                )
                .FindAll("input[type='checkbox']")
        );
}
