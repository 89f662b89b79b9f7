namespace Traktor.Web.Contracts.Values;

/// <summary>
/// The body of a call. Its constructor's parameters are its fields: those without a default have to be there. What else
/// has to hold between them it says itself, as an IValidatableObject.
/// </summary>
internal interface IRequest
{
    /// <summary>What to send, for those who sent something else.</summary>
    static abstract string Wanted { get; }

    /// <summary>How deep its values may be nested.</summary>
    static virtual int MaxDepth => 8;

    /// <summary>Whether the call can do without it, because the query can say the same.</summary>
    static virtual bool IsOptional => false;
}
