namespace Traktor.Web.Security.Signatures;

/// <summary>The body that a signed call must have; a feature of the request, until the body has been read.</summary>
/// <param name="Hash">SHA-256, hexadecimal.</param>
public sealed record SignedBody(string Hash);
