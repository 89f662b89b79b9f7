using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Api.Documents;

/// <summary>The OpenAPI document of this API and the page that shows it.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";
    public const string Path = "/openapi.json";
    private const string Scheme = "ApiKey";

    // In the order of docs/rest.md.
    private static readonly string[] Tags =
    [
        "Node",
        "Subscriptions",
        "Replicaset",
        "Policies",
        "Conflicts",
        "Mesh",
        "Tasks",
        "Comparisons",
        "Access",
        "Operations",
    ];

    public static void MapDocuments(this WebApplication app)
    {
        app.MapOpenApi(Path);
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Traktor API";
            page.SwaggerEndpoint(Path, "Traktor");
            page.EnableTryItOutByDefault();
        });
    }

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer(
            (document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Traktor",
                    Version = typeof(ApiDocument).Assembly.GetName().Version?.ToString(3),
                    Description =
                        $"The arbiter of one PostgreSQL node. Calls under /v1 need the header {ApiKey.Header}. Errors are "
                        + "application/problem+json: detail says what is wrong, hint what to do.",
                };
                // No server: the page then uses the browser's address, which is right also behind a proxy.
                document.Servers = [];
                document.Tags = new HashSet<OpenApiTag>(Tags.Select(tag => new OpenApiTag { Name = tag }));
                (document.Components ??= new OpenApiComponents()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    [Scheme] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.ApiKey,
                        In = ParameterLocation.Header,
                        Name = ApiKey.Header,
                        Description = "APIKey of arbiter.ini, or a key that an admin has made",
                    },
                };
                return Task.CompletedTask;
            }
        );
        options.AddOperationTransformer(DescribeAsync);
    }

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<NeedsApiKey>().Any())
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        // ASP.NET does not describe a catch-all parameter with a binding of its own.
        if (context.Description.RelativePath?.Contains("table}", StringComparison.Ordinal) == true)
            operation.Parameters =
            [
                .. operation.Parameters ?? [],
                new OpenApiParameter
                {
                    Name = "table",
                    In = ParameterLocation.Path,
                    Required = true,
                    Description = "schema.table, percent-encoded; a part that holds a dot or a quote stands in double quotes.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    Example = "multimaster.reptest",
                },
            ];
        if (ApiExamples.Body(operation.OperationId) is { } body && operation.RequestBody?.Content?.Values.FirstOrDefault() is { } request)
            request.Example = JsonNode.Parse(body);
        if (ApiExamples.Of(operation.OperationId) is { } answers)
            foreach (var (status, example) in answers)
                if (operation.Responses?.GetValueOrDefault(status)?.Content?.Values.FirstOrDefault() is { } content)
                    content.Example = JsonNode.Parse(example);
        return Task.CompletedTask;
    }
}
