using Bunit;
using Traktor.UnitTests.Web.Live.Mesh;
using Traktor.Web.Components.Controls;
using Traktor.Web.Components.Subscriptions;
using Traktor.Web.Components.Tables;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Tables;

namespace Traktor.UnitTests.Web.Components;

public sealed class FormTests : ConsoleContext
{
    private const string Secret = "host=there password=Geheim";

    [Fact]
    public void SubscriptionForm_TestsFirst_AndNeverDrawsWhatWasTyped()
    {
        Other.On(
            "POST /v1/arbiter/subscription/probe",
            """{"node":2,"is_initialized":true,"is_self":false,"is_standby":false,"server_version_num":180004,"problem":null,"hint":null}"""
        );
        Other.On("PUT /v1/arbiter/subscription/control", """{"inbound_node":2,"name":"trktr_sub_1_2","created":true}""", 201);
        var isDone = false;
        var form = Draw<SubscriptionForm>(parameters => parameters.Add(p => p.To, 1).Add(p => p.Done, () => isDone = true));
        Assert.True(Button(form, "Subscribe").HasAttribute("disabled"));
        form.Find("textarea").Input(Secret);
        Button(form, "Test").Click();
        form.WaitForAssertion(
            () => Assert.Contains("Found node 2, PostgreSQL 18.4. Node 1 can receive from it.", form.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
        Assert.DoesNotContain("Geheim", form.Markup, StringComparison.Ordinal);
        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.True(isDone), TimeSpan.FromSeconds(30));
        Assert.Contains(
            Other.Calls,
            call =>
                call.StartsWith("PUT /v1/arbiter/subscription/control", StringComparison.Ordinal)
                && call.Contains("Geheim", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void SubscriptionForm_WhatWasTestedIsNotWhatStandsThere_IsTestedAgain()
    {
        Other.On(
            "POST /v1/arbiter/subscription/probe",
            """{"node":2,"is_initialized":true,"is_self":false,"is_standby":false,"server_version_num":180004,"problem":null,"hint":null}"""
        );
        var form = Draw<SubscriptionForm>(parameters => parameters.Add(p => p.To, 1).Add(p => p.From, 3));
        form.Find("textarea").Input(Secret);
        Button(form, "Test").Click();
        form.WaitForAssertion(
            () => Assert.Contains("Enter the connection string of node 3.", form.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
        form.Find("textarea").Input(Secret + " port=1");
        // The end of the test before may still be on the way through the renderer.
        form.WaitForAssertion(() => Assert.DoesNotContain("Found node 2", form.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        Assert.True(Button(form, "Subscribe").HasAttribute("disabled"));
    }

    [Fact]
    public void FullMesh_MakesTheMissingOnes_EvenWhenItsPageIsLeft()
    {
        Other.On("PUT /v1/arbiter/subscription/control", """{"inbound_node":0,"name":"trktr_sub_1_0","created":true}""", 201);
        var view = new MeshView(0, [SomeMesh.Node(0, SomeMesh.Subscription(1)), SomeMesh.Node(1)]);
        var full = Draw<FullMesh>(parameters => parameters.Add(p => p.View, view).Add(p => p.IsOpen, true));
        full.Find("textarea").Input("host=zero password=***");
        Assert.True(full.Find("button[type='submit']").HasAttribute("disabled"));
        full.Find("textarea").Input("host=zero password=Geheim");
        full.Find("form").Submit();
        full.Dispose();
        var progress = Render<WorkProgress>(parameters => parameters.Add(p => p.Key, Traktor.Web.Live.Works.LongWorks.FullMesh));
        progress.WaitForAssertion(
            () => Assert.Contains("Node 1: receives from node 0.", progress.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
        Assert.DoesNotContain("Geheim", progress.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void FullMesh_WhoseReceiverDoesNotAnswerForAMoment_KeepsWhatWasTyped()
    {
        var known = new MeshView(0, [SomeMesh.Node(0, SomeMesh.Subscription(1)), SomeMesh.Node(1)]);
        var silent = new MeshView(0, [known.Nodes[0], known.Nodes[1] with { Problem = "no answer in time" }]);
        var full = Draw<FullMesh>(parameters => parameters.Add(p => p.View, known).Add(p => p.IsOpen, true));
        full.Find("textarea").Input("host=zero password=Geheim");
        foreach (var view in new[] { silent, known })
        {
            full.Render(parameters => parameters.Add(p => p.View, view));
            Assert.False(full.Find("button[type='submit']").HasAttribute("disabled"));
        }

        full.Render(parameters =>
            parameters.Add(p => p.View, new MeshView(0, [known.Nodes[0], SomeMesh.Node(1, SomeMesh.Subscription(0))]))
        );
        Assert.Empty(full.FindAll("textarea"));
    }

    [Fact]
    public void TableMatrix_SaysInWordsWhereATableStands()
    {
        var view = new MeshView(
            0,
            [
                SomeMesh.Node(0) with
                {
                    Tables = [SomeMesh.Table("shop.a")],
                },
                SomeMesh.Node(1) with
                {
                    Tables = [SomeMesh.Table("shop.a", policy: "manual")],
                },
            ]
        );
        string? picked = null;
        var matrix = Render<TableMatrixView>(parameters =>
            parameters
                .Add(p => p.View, view)
                .Add(p => p.Rows, TableMatrix.Of(view, new Dictionary<int, IReadOnlyList<Traktor.Engine.Replicasets.CatalogTable>>()))
                .Add(p => p.Picked, relation => picked = relation)
        );
        Assert.Contains("≠ policies differ", matrix.Markup, StringComparison.Ordinal);
        Assert.Equal(2, matrix.FindAll("td .traktor-good").Count);
        matrix.Find("button").Click();
        Assert.Equal("shop.a", picked);
    }

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> form, string text)
        where T : Microsoft.AspNetCore.Components.IComponent => form.FindAll("button").First(button => button.TextContent.Trim() == text);
}
