namespace Traktor.Web.Security.Sessions;

/// <summary>The permissions of a session.</summary>
public enum Role
{
    /// <summary>Signed in with ReadOnlyAPIKey: read-only access.</summary>
    Reader,

    /// <summary>Signed in with APIKey, or by a one-time link.</summary>
    Administrator,
}
