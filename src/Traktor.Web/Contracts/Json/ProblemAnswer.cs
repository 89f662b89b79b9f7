using System.Text.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Contracts.Json;

/// <summary>Answers a request with a problem.</summary>
internal static class ProblemAnswer
{
    public static async Task WriteAsync(this Problem problem, HttpContext context)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = Problem.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "ApiKey";
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        await JsonSerializer.SerializeAsync(context.Response.Body, problem, ApiJsonOptions.Wire.Problem, context.RequestAborted);
    }
}
