using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Accounts;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Access;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Api.Access;

/// <summary>The users of the mesh.</summary>
internal static class UsersApi
{
    public static void MapUsers(this RouteGroupBuilder arbiter)
    {
        var users = arbiter.MapGroup("/users").WithTags("Access");
        users.MapGet("", ListAsync).WithName("ListUsers");
        users.MapGet("/{name}", FindAsync).WithName("User").WithMetadata(Problem.NotFoundMetadata);
        users.MapPut("/{name}", SetAsync).WithName("SetUser");
        users.MapPut("/{name}/password", ChangePasswordAsync).WithName("ChangePassword").WithMetadata(ForEveryRole.Instance);
        users.MapDelete("/{name}", RemoveAsync).WithName("RemoveUser").WithMetadata(Problem.NotFoundMetadata);
    }

    /// <summary>List users</summary>
    /// <remarks>Answers from memory, also while PostgreSQL is down. Needs the role admin.</remarks>
    /// <response code="200">The users of the mesh, ordered by name.</response>
    internal static async Task<Ok<UsersAnswer>> ListAsync(Arbiter arbiter, Caller caller) =>
        TypedResults.Ok(
            new UsersAnswer(
                arbiter.Settings.NodeId,
                [.. (await arbiter.As(caller.Actor).AccountsAsync(AccountKind.User)).Select(UserAnswer.Of)]
            )
        );

    /// <summary>One user</summary>
    /// <remarks>Needs the role admin.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the user.</param>
    /// <response code="200">The user.</response>
    /// <response code="404">There is no such user.</response>
    internal static async Task<Ok<UserAnswer>> FindAsync(Arbiter arbiter, Caller caller, string name) =>
        TypedResults.Ok(
            UserAnswer.Of(
                (await arbiter.As(caller.Actor).AccountsAsync(AccountKind.User)).FirstOrDefault(user => user.Name == name)
                    ?? throw RefusedException.NotFound($"The user {name} does not exist.")
            )
        );

    /// <summary>Make or change a user</summary>
    /// <remarks>
    /// The user can sign in to the console of every node. A change ends the sessions that the user has. Needs the role
    /// admin.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the user: ASCII letters, digits and the characters . _ - @ +.</param>
    /// <param name="body">Role and password.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="201">The user is made.</response>
    /// <response code="200">The user is changed.</response>
    internal static async Task<Results<Created<UserAnswer>, Ok<UserAnswer>>> SetAsync(
        Arbiter arbiter,
        Caller caller,
        string name,
        JsonBody<UserRequest> body,
        CancellationToken cancel
    )
    {
        var hash = body.Value.Password is { } password ? Passwords.Hash(name, password) : null;
        var (user, isNew) = await arbiter.As(caller.Actor).SetUserAsync(name, body.Value.Role, hash, cancel);
        return isNew
            ? TypedResults.Created($"/v1/arbiter/users/{Uri.EscapeDataString(name)}", UserAnswer.Of(user))
            : TypedResults.Ok(UserAnswer.Of(user));
    }

    /// <summary>Change a password by the old one</summary>
    /// <remarks>
    /// For the user: any key will do, also one with the role viewer. Wrong passwords count as those of the sign-in do.
    /// The change ends the sessions that the user has.
    /// </remarks>
    /// <param name="change">Changes passwords.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the user.</param>
    /// <param name="body">The old and the new password.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The password is changed.</response>
    /// <response code="403">The name or the old password is wrong.</response>
    /// <response code="429">Too many wrong passwords came before; Retry-After says how long to wait.</response>
    internal static async Task<Ok<UserAnswer>> ChangePasswordAsync(
        PasswordChange change,
        Caller caller,
        string name,
        JsonBody<PasswordRequest> body,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            UserAnswer.Of(await change.ChangeAsync(caller.Actor, name, body.Value.OldPassword, body.Value.Password, session: null, cancel))
        );

    /// <summary>Remove a user</summary>
    /// <remarks>It ends the user's sessions on all nodes. Needs the role admin.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="name">Name of the user.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The user is removed.</response>
    /// <response code="404">There is no such user.</response>
    internal static async Task<Ok<RemovalAnswer>> RemoveAsync(Arbiter arbiter, Caller caller, string name, CancellationToken cancel) =>
        TypedResults.Ok(new RemovalAnswer(name, await arbiter.As(caller.Actor).RemoveUserAsync(name, cancel)));
}
