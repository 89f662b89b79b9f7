using Bunit;
using Traktor.UnitTests.Web.Live.Mesh;
using Traktor.Web.Components.Tables;
using Traktor.Web.Live.Mesh;

namespace Traktor.UnitTests.Web.Components;

public sealed class TablePickerTests : ConsoleContext
{
    private const string Column = """{"name":"id","type":"integer","full_type":"integer","required":true,"generated":false}""";

    // Node 1 is the one that looks; its arbiter answers.
    private static readonly MeshView View = new(1, [SomeMesh.Node(0), SomeMesh.Node(1)]);

    private readonly IRenderedComponent<TablePicker> picker;

    public TablePickerTests()
    {
        Other.On(
            "GET /v1/arbiter/catalog",
            $$"""
            {"node":1,"tables":[
             {"relation":"shop.customer","status":null,"key":["id"],"columns":[{{Column}}],"findings":[]},
             {"relation":"shop.orders","status":null,"key":["id"],"columns":[{{Column}}],"findings":[]},
             {"relation":"shop.added","status":"committed","key":["id"],"columns":[{{Column}}],"findings":[]},
             {"relation":"shop.heap","status":null,"key":[],"columns":[],"findings":[
              {"check":"replica_identity","severity":"error","found":"shop.heap has no primary key.",
               "hint":"ALTER TABLE shop.heap ADD PRIMARY KEY (id);"}]}]}
            """
        );
        Other.On("PUT /v1/arbiter/replicaset/shop.orders", """{"relation":"shop.orders","changed":true,"status":"pending-add"}""", 201);
        picker = Draw<TablePicker>(parameters => parameters.Add(p => p.View, View));
        picker.WaitForElement("ul[aria-label='Tables of this node']", TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Catalog_WhatCannotBeAdded_IsShownWithItsMendAndCannotBeChosen()
    {
        Assert.Equal(
            ["shop.customer", "shop.orders", "shop.heap"],
            picker.FindAll("ul[aria-label='Tables of this node'] label code").Select(name => name.TextContent)
        );
        var heap = picker.FindAll("ul[aria-label='Tables of this node'] li")[2];
        Assert.True(heap.QuerySelector("input")!.HasAttribute("disabled"));
        Assert.Contains("ALTER TABLE shop.heap ADD PRIMARY KEY (id);", heap.TextContent, StringComparison.Ordinal);
        Assert.True(Stage().HasAttribute("disabled"));
    }

    [Fact]
    public void Search_AndChooseAll_TakeOnlyWhatIsShownAndCanBeAdded()
    {
        picker.Find("input[type='search']").Input("ORD");
        picker.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["shop.orders"],
                    picker.FindAll("ul[aria-label='Tables of this node'] label code").Select(name => name.TextContent)
                ),
            TimeSpan.FromSeconds(30)
        );
        picker.Find("input[type='search']").Input("");
        Button("Select all shown").Click();
        Assert.Contains("Stage 2 tables", picker.Markup, StringComparison.Ordinal);
        Button("Clear selection").Click();
        picker.Find("input[type='search']").Input("nothing");
        Assert.Contains("No tables outside the replicaset match the search.", picker.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Stage_OnTheChosenNodeAlone_SaysWhatBecameOfIt()
    {
        // Each event is handled, and drawn, before the next: what was drawn before it takes none any more.
        picker.FindAll("ul[aria-label='Tables of this node'] input")[1].Change(true);
        picker.WaitForAssertion(() => Assert.Equal("Stage 1 table", Stage().TextContent), TimeSpan.FromSeconds(30));
        picker.FindAll(".traktor-choice input")[0].Change(false);
        picker.WaitForAssertion(
            () => Assert.False(picker.FindAll(".traktor-choice input")[0].HasAttribute("checked")),
            TimeSpan.FromSeconds(30)
        );
        Stage().Click();
        picker.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Node 1: shop.orders is staged.",
                    picker.Find(".traktor-results li").TextContent.Trim(),
                    StringComparison.Ordinal
                ),
            TimeSpan.FromSeconds(30)
        );
        Assert.Contains("PUT /v1/arbiter/replicaset/shop.orders", Other.Calls);
        Assert.Contains("1 of 1 done", picker.Markup, StringComparison.Ordinal);
    }

    private AngleSharp.Dom.IElement Stage() => picker.Find(".traktor-actions button");

    private AngleSharp.Dom.IElement Button(string text) => picker.FindAll("button").First(button => button.TextContent == text);
}
