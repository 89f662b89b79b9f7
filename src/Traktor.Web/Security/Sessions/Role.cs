namespace Traktor.Web.Security.Sessions;

/// <summary>What somebody who signed in may do.</summary>
public enum Role
{
    /// <summary>Signed in with ReadOnlyAPIKey: sees everything, changes nothing.</summary>
    Reader,

    /// <summary>Signed in with APIKey, or by a one-time link.</summary>
    Administrator,
}
