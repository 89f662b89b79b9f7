namespace Traktor.Web.Security.Keys;

/// <summary>Marks endpoints that change something and that a viewer may use too.</summary>
public sealed class ForEveryRole
{
    public static ForEveryRole Instance { get; } = new();
}
