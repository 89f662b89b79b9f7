using Traktor.Engine.Access;

namespace Traktor.Web.Security.Signatures;

/// <summary>What the check of a signature found.</summary>
/// <param name="Actor">For whom the call is made; null when the call is refused.</param>
/// <param name="Body">SHA-256 of the body that was signed, hexadecimal.</param>
/// <param name="Proof">What to answer with, so that the caller knows that this is the arbiter that it called.</param>
/// <param name="Refusal">Why it is refused; null when it is accepted.</param>
/// <param name="Hint">What to do then.</param>
/// <param name="IsGuess">Whether it may be an attempt to guess a key: it was made with none that this arbiter
/// knows.</param>
/// <param name="Caller">The node whose arbiter calls; null when the call is refused.</param>
public sealed record SignatureAnswer(
    Actor? Actor,
    string Body,
    string Proof,
    string? Refusal = null,
    string? Hint = null,
    bool IsGuess = false,
    int? Caller = null
);
