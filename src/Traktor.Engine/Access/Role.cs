namespace Traktor.Engine.Access;

/// <summary>What an actor may do; each role may also do what those before it may.</summary>
public enum Role
{
    /// <summary>Sees everything and changes nothing.</summary>
    Viewer,

    /// <summary>Pauses and resumes subscriptions, decides conflicts, brings versions back.</summary>
    Operator,

    /// <summary>Changes the mesh, its tables and its users.</summary>
    Admin,
}
