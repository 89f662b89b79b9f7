namespace Traktor.Engine.Access;

/// <summary>How a call comes to the arbiter.</summary>
public enum Channel
{
    /// <summary>By the REST API, with a key.</summary>
    Rest,

    /// <summary>From a page of the console.</summary>
    Console,

    /// <summary>From a command on the arbiter's machine.</summary>
    CommandLine,

    /// <summary>From another node's arbiter, which passes on a call that came to it.</summary>
    Arbiter,
}
