using System.Collections.Concurrent;
using Traktor.Engine.NodeKeys;

namespace Traktor.Web.Security.Signatures;

/// <summary>
/// Checks the signatures of other arbiters' calls. A signature is good for one call, of one method, path, query and
/// body, from one node to the node and the PublicURL that it addressed, within five minutes: what it was sent to cannot
/// use it anywhere else. Which key is a node's, this node's database says.
/// </summary>
public sealed class SignatureCheck(KeyDirectory keys, Uri publicUrl, TimeProvider time)
{
    /// <summary>How far the clocks of two arbiters may differ.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly string _own = CallSignature.UrlOf(publicUrl);
    private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
    private readonly long _startStamp = time.GetTimestamp();

    // Of each node its own: no node can fill another's.
    private readonly ConcurrentDictionary<int, SeenNonces> _seen = new();

    /// <summary>
    /// Checks a call without its body, which is compared with the hash in the answer when it has been read.
    /// </summary>
    /// <param name="header">The value of the header.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query as they were sent.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async Task<SignatureAnswer> CheckAsync(string header, string method, string target, CancellationToken cancel)
    {
        if (CallSignature.Parse(header) is not { } call)
            return Guess($"The header {CallSignature.Header} is malformed.", "Only arbiters send it; scripts send an API key.");
        if (call.Callee != keys.Node)
            return Refuse(
                $"The call is for the arbiter of node {call.Callee}, and this is that of node {keys.Node}.",
                "Set PublicURL in each arbiter.ini to the URL at which the other arbiters reach that arbiter."
            );
        if (!IsSigned(call, method, target))
        {
            // The node may have subscribed, or made a new key, a moment ago.
            await keys.RefreshAsync(cancel);
            if (!IsSigned(call, method, target))
                return WhyUnsigned(call);
        }

        return Check(call);
    }

    private bool IsSigned(CallSignature call, string method, string target) =>
        keys.Own is not null && keys.Find(call.Caller) is { } key && call.IsSignedBy(key, method, target);

    private SignatureAnswer WhyUnsigned(CallSignature call)
    {
        if (keys.Own is null)
            return Guess(
                $"Node {keys.Node} does not know any other node: it is not initialised, or its PostgreSQL server has not answered since "
                    + "its arbiter started.",
                $"Start that server; or initialise node {keys.Node} at its own console, or with its own API key."
            );
        return keys.Find(call.Caller) is null
            ? Guess(
                $"Node {call.Caller} is not known here yet: node {keys.Node} has no key of it.",
                $"Subscribe node {call.Caller} to node {keys.Node}, or node {keys.Node} to node {call.Caller}. If it is subscribed, wait "
                    + "until its arbiter and both servers run."
            )
            : Guess(
                $"The call is not signed with the key that node {keys.Node} knows of node {call.Caller}, or it was changed on its way.",
                $"A proxy between the arbiters must not change calls. If the database of node {call.Caller} was made anew or is a copy, "
                    + $"subscribe anew between both nodes."
            );
    }

    private SignatureAnswer Check(CallSignature call)
    {
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
        if (!_seen.GetOrAdd(call.Caller, static _ => new SeenNonces()).TryAdd(call.Nonce, signed + Tolerance, now))
            return Refuse("The signature of the call was used before, or too many calls were signed within minutes.", "Repeat the call.");
        // It may have been forgotten a moment ago; then the caller does not believe the answer.
        return new SignatureAnswer(actor, call.Body, keys.Own is { } own ? call.ProofBy(own) : "", Caller: call.Caller);
    }

    private static SignatureAnswer Guess(string refusal, string hint) => new(null, "", "", refusal, hint, IsGuess: true);

    private static SignatureAnswer Refuse(string refusal, string hint) => new(null, "", "", refusal, hint);
}
