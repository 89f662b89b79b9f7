using Traktor.Engine.Access;

namespace Traktor.Engine.Audit;

/// <summary>Who acted, as the audit log has it: names as they were then, which need not exist any more.</summary>
/// <param name="Kind">How the actor was known: <c>user</c>, <c>api_key</c> and so on, or <c>unknown</c>.</param>
/// <param name="Name">The actor's name; empty when unknown.</param>
/// <param name="Role">The role that the actor had; empty when unknown.</param>
/// <param name="Address">The IP address from which the actor called; null for the arbiter's own machine.</param>
/// <param name="Channel">How the call came: <c>rest</c>, <c>console</c>, <c>command_line</c> or <c>arbiter</c>.</param>
/// <param name="ViaNode">The node whose arbiter passed the call on; null for none.</param>
public sealed record AuditActor(string Kind, string Name, string Role, string? Address, string Channel, int? ViaNode)
{
    /// <summary>Somebody who did not say who it is, or did not prove it.</summary>
    public static AuditActor Unknown(string? address, Channel channel) => new("unknown", "", "", address, AccessWords.Of(channel), null);

    /// <summary>What the log says of an actor.</summary>
    public static AuditActor Of(Actor actor) =>
        new(
            AccessWords.Of(actor.Kind),
            actor.Name,
            AccessWords.Of(actor.Role),
            actor.Address,
            AccessWords.Of(actor.Channel),
            actor.ViaNode
        );
}
