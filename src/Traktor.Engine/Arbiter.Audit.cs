using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Engine.Audit;

namespace Traktor.Engine;

/// <summary>What the audit log has beside the actions of <see cref="ActingArbiter"/>. None of it throws.</summary>
public sealed partial class Arbiter
{
    /// <summary>Somebody has signed in to the console.</summary>
    public Task NoteSignInAsync(Actor actor) => recorder.NoteAsync(InConsole(actor), AuditWords.SignIn);

    /// <summary>Somebody has signed out of the console.</summary>
    public Task NoteSignOutAsync(Actor actor) => recorder.NoteAsync(InConsole(actor), AuditWords.SignOut);

    /// <summary>A sign-in was refused.</summary>
    /// <param name="user">The user whose password it was to be; null when there is none. What was typed instead of a
    /// name may be a password.</param>
    /// <param name="address">The IP address.</param>
    /// <param name="why">The reason, in a sentence.</param>
    public Task NoteRefusedSignInAsync(Account? user, string? address, string why) =>
        recorder.DenyAsync(
            user is null
                ? AuditActor.Unknown(address, Channel.Console)
                : InConsole(new Actor(ActorKind.User, user.Name, user.Role, address)),
            AuditWords.SignIn,
            null,
            why
        );

    /// <summary>A call was refused before it reached an action, because of the actor's role.</summary>
    /// <param name="actor">Who called.</param>
    /// <param name="call">Its method and path.</param>
    /// <param name="why">The reason, in a sentence.</param>
    public Task NoteRefusedCallAsync(Actor actor, string call, string why) =>
        recorder.DenyAsync(AuditActor.Of(actor), AuditWords.Call, call, why);

    private static AuditActor InConsole(Actor actor) => AuditActor.Of(actor with { Channel = Channel.Console });
}
