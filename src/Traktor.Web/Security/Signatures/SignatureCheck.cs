using Traktor.Engine.Access;

namespace Traktor.Web.Security.Signatures;

/// <summary>
/// Checks the signatures of other arbiters' calls. A signature is good for one call, of one method, path, query and
/// body, to the arbiter whose PublicURL the caller addressed, within five minutes: what it was sent to cannot use it
/// anywhere else.
/// </summary>
public sealed class SignatureCheck(SigningKeys keys, Uri publicUrl, TimeProvider time)
{
    /// <summary>How far the clocks of two arbiters may differ.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string UseTheKey =
        "Use the same APIKey in every arbiter.ini, or enter this arbiter's in the section [PEERS] of the calling arbiter's arbiter.ini.";

    private readonly string _own = CallSignature.UrlOf(publicUrl);
    private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
    private readonly long _startStamp = time.GetTimestamp();

    // Of each key its own: whoever has the read-only key cannot fill that of the arbiters.
    private readonly Dictionary<Role, SeenNonces> _seen = new() { [Role.Admin] = new SeenNonces(), [Role.Viewer] = new SeenNonces() };

    /// <summary>
    /// Checks a call without its body, which is compared with the hash in the answer when it has been read.
    /// </summary>
    /// <param name="header">The value of the header.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query as they were sent.</param>
    public SignatureAnswer Check(string header, string method, string target)
    {
        if (CallSignature.Parse(header) is not { } call)
            return Guess($"The header {CallSignature.Header} is malformed.", "Only arbiters send it; scripts send an API key.");
        var key =
            keys.Own.IsOf(call, method, target) ? keys.Own
            : keys.ReadOnly?.IsOf(call, method, target) == true ? keys.ReadOnly
            : null;
        if (key is null)
            return Guess("The call is not signed with the API key of this arbiter, or it was changed on its way.", UseTheKey);
        if (ActorText.Parse(call.Actor) is not { } actor)
            return Refuse("The call does not say for whom it is made.", "Use the same release of Traktor on all nodes.");
        if (call.To != _own)
            return Refuse(
                $"The call is signed for the arbiter at {call.To}, and the PublicURL of this one is {_own}.",
                "Set PublicURL in each arbiter.ini to the URL at which the other arbiters reach that arbiter."
            );
        var now = time.GetUtcNow();
        var offset = now.ToUnixTimeMilliseconds() - call.Time;
        if (Math.Abs(offset) > Tolerance.TotalMilliseconds)
            return Refuse(
                $"The clock of the calling arbiter is {Math.Abs(offset) / 1000} s {(offset > 0 ? "behind" : "ahead of")} this arbiter's; "
                    + $"at most {Tolerance.TotalSeconds} s are allowed.",
                "Synchronise the clocks of both machines."
            );
        var signed = DateTimeOffset.FromUnixTimeMilliseconds(call.Time);
        // The nonces of an earlier life are not known any more. Later, their times are too old in any case; that a
        // clock is set back then must not refuse every call.
        if (signed < _start && time.GetElapsedTime(_startStamp) <= 2 * Tolerance)
            return Refuse("The call was signed before this arbiter started.", "Repeat the call.");
        var most = key == keys.Own ? Role.Admin : Role.Viewer;
        return _seen[most].TryAdd(call.Nonce, signed + Tolerance, now)
            ? new SignatureAnswer(actor.LimitedTo(most), call.Body, key.Proof(call))
            : Refuse("The signature of the call was used before, or too many calls were signed within minutes.", "Repeat the call.");
    }

    private static SignatureAnswer Guess(string refusal, string hint) => new(null, "", "", refusal, hint, IsGuess: true);

    private static SignatureAnswer Refuse(string refusal, string hint) => new(null, "", "", refusal, hint);
}
