using System.Reflection;
using Microsoft.AspNetCore.Http.Features;
using Traktor.Engine.Access;

namespace Traktor.Web.Api.Requests;

/// <summary>Who calls, as <c>ApiKeyGate</c> found.</summary>
/// <param name="Actor">The actor.</param>
public sealed record Caller(Actor Actor) : IBindableFromHttpContext<Caller>
{
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<Caller?>(new Caller(context.Features.GetRequiredFeature<Actor>()));
}
