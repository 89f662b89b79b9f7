using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Accounts;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Access;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Api.Access;

/// <summary>The API keys of the mesh.</summary>
internal static class KeysApi
{
    public static void MapKeys(this RouteGroupBuilder arbiter)
    {
        var keys = arbiter.MapGroup("/keys").WithTags("Access");
        keys.MapGet("", ListAsync).WithName("ListKeys");
        keys.MapGet("/{name}", FindAsync).WithName("Key").WithMetadata(Problem.NotFoundMetadata);
        keys.MapPost("/{name}", CreateAsync).WithName("CreateKey");
        keys.MapDelete("/{name}", RemoveAsync).WithName("RemoveKey").WithMetadata(Problem.NotFoundMetadata);
    }

    /// <summary>List API keys</summary>
    /// <remarks>
    /// Without the keys of arbiter.ini. Answers from memory, also while PostgreSQL is down. Needs the role admin.
    /// </remarks>
    /// <response code="200">The API keys of the mesh, ordered by name, without the keys themselves.</response>
    internal static async Task<Ok<KeysAnswer>> ListAsync(Arbiter arbiter, Caller caller) =>
        TypedResults.Ok(
            new KeysAnswer(
                arbiter.Settings.NodeId,
                [.. (await arbiter.As(caller.Actor).AccountsAsync(AccountKind.Key)).Select(KeyAnswer.Of)]
            )
        );

    /// <summary>One API key</summary>
    /// <remarks>Needs the role admin.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the key.</param>
    /// <response code="200">The key's role and times, without the key itself.</response>
    /// <response code="404">There is no such key.</response>
    internal static async Task<Ok<KeyAnswer>> FindAsync(Arbiter arbiter, Caller caller, string name) =>
        TypedResults.Ok(
            KeyAnswer.Of(
                (await arbiter.As(caller.Actor).AccountsAsync(AccountKind.Key)).FirstOrDefault(key => key.Name == name)
                    ?? throw RefusedException.NotFound($"The API key {name} does not exist.")
            )
        );

    /// <summary>Make an API key</summary>
    /// <remarks>
    /// The answer has the key, once: only its hash is stored. It is valid on all nodes. Needs the role admin.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the key: ASCII letters, digits and the characters . _ - @ +.</param>
    /// <param name="body">Role and expiry.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="201">The key is made.</response>
    /// <response code="409">A key of that name exists.</response>
    internal static async Task<Created<NewKeyAnswer>> CreateAsync(
        Arbiter arbiter,
        Caller caller,
        string name,
        JsonBody<KeyRequest> body,
        CancellationToken cancel
    )
    {
        var secret = CallerKeys.Create();
        var key = await arbiter
            .As(caller.Actor)
            .CreateKeyAsync(name, body.Value.Role, body.Value.Expires, CallerKeys.HashOf(secret), cancel);
        return TypedResults.Created(
            $"/v1/arbiter/keys/{Uri.EscapeDataString(name)}",
            new NewKeyAnswer(key.Name, key.Role, key.Expires, secret)
        );
    }

    /// <summary>Remove an API key</summary>
    /// <remarks>It ends the sessions that were signed in with it, too. Needs the role admin.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the key.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The key is removed.</response>
    /// <response code="404">There is no such key.</response>
    internal static async Task<Ok<RemovalAnswer>> RemoveAsync(Arbiter arbiter, Caller caller, string name, CancellationToken cancel) =>
        TypedResults.Ok(new RemovalAnswer(name, await arbiter.As(caller.Actor).RemoveKeyAsync(name, cancel)));
}
