namespace Traktor.Engine.Access;

/// <summary>Who changes something.</summary>
/// <param name="Kind">How the actor is known.</param>
/// <param name="Name">The name under that kind.</param>
/// <param name="Role">What the actor may do.</param>
/// <param name="Address">The IP address from which the actor calls; null for the arbiter's own machine.</param>
/// <param name="Channel">How the call comes.</param>
/// <param name="ViaNode">The node whose arbiter passed the call on; null for none.</param>
public sealed record Actor(
    ActorKind Kind,
    string Name,
    Role Role,
    string? Address = null,
    Channel Channel = Channel.Rest,
    int? ViaNode = null
)
{
    /// <summary>The longest name, in characters.</summary>
    public const int LongestName = 200;

    /// <summary>The holder of a key of <c>arbiter.ini</c>: an admin, or a viewer with the read-only key.</summary>
    public static Actor OfConfiguredKey(bool isReadOnly, string? address) =>
        new(ActorKind.ConfiguredKey, isReadOnly ? "ReadOnlyAPIKey" : "APIKey", isReadOnly ? Role.Viewer : Role.Admin, address);

    /// <summary>Whoever opened a one-time link; an admin.</summary>
    public static Actor OfOneTimeLink(string? address) => new(ActorKind.OneTimeLink, "one-time link", Role.Admin, address);

    /// <summary>An arbiter that reads for all visitors of its console; a viewer.</summary>
    public static Actor OfArbiter(int node) =>
        new(ActorKind.Arbiter, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"node {node}"), Role.Viewer);

    /// <summary>A command on the arbiter's machine; an admin.</summary>
    public static Actor OfCommandLine() => new(ActorKind.CommandLine, Environment.UserName, Role.Admin, null, Channel.CommandLine);

    /// <summary>Checks that the actor may do something.</summary>
    /// <exception cref="RefusedException">Forbidden: its role does not allow it.</exception>
    public void Demand(ArbiterAction action)
    {
        if (Role < action.Least)
            throw RefusedException.Forbidden(
                $"{action.Words} needs the role {AccessWords.Of(action.Least)}; {Subject} has the role {AccessWords.Of(Role)}.",
                $"Sign in as a user with the role {AccessWords.Of(action.Least)}, or send an API key of that role."
            );
    }

    /// <summary>Who it is, in words for a sentence.</summary>
    public string Subject =>
        Kind switch
        {
            ActorKind.User => $"the user {Name}",
            ActorKind.OpenIdUser => $"the OpenID user {Name}",
            ActorKind.ApiKey => $"the API key {Name}",
            ActorKind.ConfiguredKey => $"the {Name} of arbiter.ini",
            ActorKind.OneTimeLink => "a one-time link",
            ActorKind.Arbiter => $"the arbiter of {Name}",
            _ => $"the account {Name} of the arbiter's machine",
        };
}
