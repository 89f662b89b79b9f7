namespace Traktor.Web.Contracts.Values;

/// <summary>
/// The body of a call. Its constructor's parameters are its fields; those without a default are required. Rules between
/// fields are in its IValidatableObject.
/// </summary>
internal interface IRequest
{
    /// <summary>What to send: the hint of a refused body.</summary>
    static abstract string Wanted { get; }

    /// <summary>How deep its values may be nested.</summary>
    static virtual int MaxDepth => 8;

    /// <summary>Whether the body can be left out because the query can have the same values.</summary>
    static virtual bool IsOptional => false;
}
