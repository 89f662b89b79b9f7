namespace Traktor.Engine.Targets;

/// <summary>A column of a table that receives rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type without a length, qualified; of a domain the base type.</param>
/// <param name="ArrayType">The array of that type; null when there is none that unnest gives back value by value, with
/// commas between.</param>
/// <param name="IsGenerated">Whether it is computed; it is never written.</param>
/// <param name="HoldsJson">Whether values are of type json or have one inside, which may hold what text and jsonb do
/// not take.</param>
/// <param name="IsAlwaysIdentity">Whether it is GENERATED ALWAYS AS IDENTITY; an insert may give it a value, an update
/// may not.</param>
internal sealed record TargetColumn(string Name, string Type, string? ArrayType, bool IsGenerated, bool HoldsJson, bool IsAlwaysIdentity);
