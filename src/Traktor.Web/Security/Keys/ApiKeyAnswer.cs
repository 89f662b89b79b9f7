namespace Traktor.Web.Security.Keys;

/// <summary>What the check of an API key found.</summary>
public enum ApiKeyAnswer
{
    /// <summary>No key was sent (401).</summary>
    Missing,

    /// <summary>Another key was sent (403).</summary>
    Wrong,

    /// <summary>The read-only key was sent.</summary>
    ReadOnly,

    /// <summary>The key was sent.</summary>
    Right,
}
