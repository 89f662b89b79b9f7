using System.Text.RegularExpressions;
using Traktor.Documents;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// What docs/ names is what a running arbiter has: its routes, its metrics, and the tables that show the terms.
/// </summary>
public sealed partial class S30_DocumentedNames(Pair pair) : IClassFixture<Pair>
{
    private static readonly ApiPage Page = ApiPage.Parse(DocumentFile.Read("rest.md"));

    [Fact]
    public async Task Routes_OfTheArbiter_AreDocumentedWithTheirStatus()
    {
        var paths = (await pair.Mesh[0].Api.GetAsync("/openapi.json")).Expect(200).Json["paths"]!.AsObject();
        var documented = Page.Sections.SelectMany(section => section.Routes.Select(route => (Route: route, Status: Successes(section))));

        var served =
            from path in paths
            from call in path.Value!.AsObject()
            let good = call.Value!["responses"]!.AsObject().Select(answer => answer.Key).Where(code => code.StartsWith('2')).Order()
            select (Route: $"{call.Key.ToUpperInvariant()} {path.Key}", Status: string.Join(' ', good));
        Assert.Equal(served.Order(), documented.Order());
    }

    [Fact]
    public async Task Metrics_OfTheArbiter_AreDocumented()
    {
        var documented = Page
            .Sections.Single(section => section.Anchor == "metrics")
            .Fields("metric")!
            .Select(metric => metric.Name)
            .ToList();
        List<string> served = [];
        // Known only while a subscription is behind.
        const string Behind = "traktor_subscription_catch_up_seconds";
        await Eventually.TrueAsync(
            "every documented metric is known",
            async () =>
            {
                served =
                [
                    .. Metric()
                        .Matches((await pair.Mesh[0].Api.GetAsync("/metrics")).Expect(200).Text)
                        .Select(match => match.Groups[1].Value),
                ];
                return !documented.Except(served).Except([Behind]).Any();
            },
            () => $"Not served: {string.Join(", ", documented.Except(served))}"
        );
        Assert.Empty(served.Except(documented));
    }

    [Fact]
    public async Task Statements_OfTheTerms_RunOnAnyNode()
    {
        var statements = Statement().Matches(DocumentFile.Read("concepts.md")).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(statements);
        foreach (var statement in statements)
            await pair.Mesh[0].ExecuteAsync(statement);
    }

    private static string Successes(ApiSection section) =>
        string.Join(' ', section.Fields("status")!.Select(status => status.Name).Where(code => code.StartsWith('2')).Order());

    [GeneratedRegex("`(SELECT [^`]*;)`")]
    private static partial Regex Statement();

    [GeneratedRegex("^# TYPE ([a-z_]+)", RegexOptions.Multiline)]
    private static partial Regex Metric();
}
