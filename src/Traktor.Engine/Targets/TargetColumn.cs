namespace Traktor.Engine.Targets;

/// <summary>A column of a table that receives rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type without a length, qualified; for a domain its base type.</param>
/// <param name="ArrayType">The array type; null when there is none whose elements unnest returns one by one, separated
/// by commas.</param>
/// <param name="Generation">The expression of a generated column, which is never written; null for others.</param>
/// <param name="HoldsJson">Whether its type is json or contains json, which allows what text and jsonb do not.</param>
/// <param name="IsAlwaysIdentity">Whether it is GENERATED ALWAYS AS IDENTITY: an insert may set it, an update may
/// not.</param>
internal sealed record TargetColumn(string Name, string Type, string? ArrayType, string? Generation, bool HoldsJson, bool IsAlwaysIdentity)
{
    public bool IsGenerated => Generation is not null;
}
