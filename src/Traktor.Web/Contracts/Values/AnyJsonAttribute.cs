namespace Traktor.Web.Contracts.Values;

/// <summary>A field that may be any JSON value; the contract itself checks which.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AnyJsonAttribute : Attribute;
