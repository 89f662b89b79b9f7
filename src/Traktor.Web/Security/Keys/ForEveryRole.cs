namespace Traktor.Web.Security.Keys;

/// <summary>Marks endpoints with another method than GET that a viewer may use too.</summary>
public sealed class ForEveryRole
{
    public static ForEveryRole Instance { get; } = new();
}
