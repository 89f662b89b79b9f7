namespace Traktor.Engine.Access;

/// <summary>How an actor is known.</summary>
public enum ActorKind
{
    /// <summary>A user who has signed in by name.</summary>
    User,

    /// <summary>A user who has signed in through an OpenID provider.</summary>
    OpenIdUser,

    /// <summary>A key that an admin has made, by its name.</summary>
    ApiKey,

    /// <summary>A key of <c>arbiter.ini</c>, by its setting: APIKey or ReadOnlyAPIKey.</summary>
    ConfiguredKey,

    /// <summary>Whoever opened a one-time link.</summary>
    OneTimeLink,

    /// <summary>An arbiter itself, by its node.</summary>
    Arbiter,

    /// <summary>A command on the arbiter's machine, by the account that runs it.</summary>
    CommandLine,
}
