using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Traktor.Engine.ConnectionStrings;
using Traktor.Web.Api;
using Traktor.Web.Api.Documents;
using Traktor.Web.Api.Requests;
using Traktor.Web.Api.Status;
using Traktor.Web.Configuration;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Hosting;

namespace Traktor.UnitTests.Web.Api;

/// <summary>The examples of the OpenAPI document have the fields of the bodies and answers that they show.</summary>
public sealed class ApiExamplesTests
{
    private static readonly IReadOnlyList<(string Name, Endpoint Endpoint)> Calls = [.. Mapped()];

    public static TheoryData<string> Answering => [.. Calls.Where(call => JsonAnswers(call.Endpoint).Any()).Select(call => call.Name)];

    public static TheoryData<string> Bodies => [.. Calls.Where(call => Body(call.Endpoint) is not null).Select(call => call.Name)];

    [Theory]
    [MemberData(nameof(Answering))]
    public void Of_EachCall_HasTheFieldsOfItsAnswers(string call)
    {
        foreach (var answer in JsonAnswers(Find(call)))
        {
            var example = ApiExamples.Of(call)?.GetValueOrDefault($"{answer.StatusCode}");
            Assert.NotNull(example);
            Assert.Empty(Differences(JsonElement.Parse(example), answer.Type!, answer.Type!.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Body_OfEachCall_FitsItsContract(string call)
    {
        var example = ApiExamples.Body(call);

        Assert.NotNull(example);
        Assert.Empty(BodyMistakes.Of(JsonElement.Parse(example), Contract(Body(Find(call))!)));
    }

    private static IEnumerable<string> Differences(JsonElement json, Type type, string path)
    {
        var contract = Contract(type);
        if (contract.Kind == JsonTypeInfoKind.Enumerable && type != typeof(JsonElement))
            return json.EnumerateArray().SelectMany(element => Differences(element, contract.ElementType!, path + "[]"));
        if (contract.Kind != JsonTypeInfoKind.Object || json.ValueKind == JsonValueKind.Null)
            return [];
        var (shown, known) = (json.EnumerateObject().Select(field => field.Name).ToList(), contract.Properties.Select(field => field.Name));
        return
        [
            .. known.Except(shown).Select(name => $"{path}.{name} is missing"),
            .. shown.Except(known).Select(name => $"{path}.{name} is unknown"),
            .. contract
                .Properties.Where(field => shown.Contains(field.Name))
                .SelectMany(field => Differences(json.GetProperty(field.Name), field.PropertyType, $"{path}.{field.Name}")),
        ];
    }

    private static JsonTypeInfo Contract(Type type) => ApiJsonOptions.Wire.Options.GetTypeInfo(type);

    private static Endpoint Find(string call) => Calls.Single(known => known.Name == call).Endpoint;

    private static IEnumerable<IProducesResponseTypeMetadata> JsonAnswers(Endpoint endpoint) =>
        endpoint
            .Metadata.OfType<IProducesResponseTypeMetadata>()
            .Where(answer =>
                answer.StatusCode < 300
                && answer.Type is not null
                && answer.ContentTypes.Contains("application/json", StringComparer.Ordinal)
            )
            .DistinctBy(answer => answer.StatusCode);

    private static Type? Body(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;

    private static IEnumerable<(string, Endpoint)> Mapped()
    {
        var configuration = new ArbiterConfiguration
        {
            NodeID = 0,
            ConnectionString = Conninfo.Parse("host=127.0.0.1 port=1 dbname=x user=x"),
            APIAddress = new ListenAddress("127.0.0.1", 1),
            APIKey = "the key of the test",
            PublicURL = new Uri("http://127.0.0.1:1/"),
        };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddServer(configuration);
        builder.AddArbiter(configuration);
        builder.AddApi();
        var app = builder.Build();
        app.MapHealth();
        app.MapArbiter();
        foreach (var endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints))
            yield return (endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, endpoint);
    }
}
