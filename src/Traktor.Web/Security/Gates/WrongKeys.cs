using System.Globalization;
using System.Net;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Answers requests with a wrong key, and slows down whoever tries many: after a few from one address the answer is 429
/// and comes late, so that a guesser tries one key a second on each connection.
/// </summary>
/// <remarks>
/// A right key is accepted at once, from every address: a script with an old key must not lock out what else runs on
/// the same host or behind the same proxy, and nor must an attacker there. Therefore every key is compared, and whoever
/// does not wait for the late answer takes the silence for one. No limit by address prevents that without refusing
/// right keys; the length of the key does. At 10,000 keys a second, 8 random letters and digits last 350 years on
/// average, a word of a dictionary minutes. The arbiter warns of short keys when it starts.
/// Sign-ins are counted apart: there a right key must wait too, and a script with an old key would keep people out.
/// </remarks>
public sealed class WrongKeys(TimeProvider time)
{
    /// <summary>How late the answers are.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly KeyAttempts _attempts = new(time);

    /// <summary>
    /// Answers a request whose key is wrong; <paramref name="wrong"/> is the answer to the first ones.
    /// </summary>
    public async Task RefuseAsync(HttpContext context, Problem wrong)
    {
        if (_attempts.Begin(context.Connection.RemoteIpAddress ?? IPAddress.None) is not { Ticks: > 0 } wait)
        {
            await wrong.WriteAsync(context);
            return;
        }

        await Task.Delay(Delay, time, context.RequestAborted);
        var seconds = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        await Problem
            .Of(
                StatusCodes.Status429TooManyRequests,
                $"{wrong.Detail} This address has sent too many wrong keys.",
                $"The right key is accepted at once. Wait {seconds} s before you try another one."
            )
            .WriteAsync(context);
    }
}
