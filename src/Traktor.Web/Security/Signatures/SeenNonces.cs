using System.Globalization;

namespace Traktor.Web.Security.Signatures;

/// <summary>The nonces of signatures that were accepted, for as long as their time would be accepted again.</summary>
public sealed class SeenNonces
{
    /// <summary>
    /// How many are kept. Only the holder of the key can fill it; then no further signature is accepted, because one
    /// that was
    /// forgotten early could be used again.
    /// </summary>
    public const int Most = 100_000;

    private readonly Lock _gate = new();
    private readonly HashSet<UInt128> _seen = [];
    private readonly PriorityQueue<UInt128, DateTimeOffset> _byEnd = new();

    /// <summary>Keeps a nonce until <paramref name="end"/>. False when it is kept already, or too many are.</summary>
    public bool TryAdd(string nonce, DateTimeOffset end, DateTimeOffset now)
    {
        var number = UInt128.Parse(nonce, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        lock (_gate)
        {
            while (_byEnd.TryPeek(out var oldest, out var its) && its < now)
            {
                _byEnd.Dequeue();
                _seen.Remove(oldest);
            }

            if (_seen.Count >= Most || !_seen.Add(number))
                return false;
            _byEnd.Enqueue(number, end);
            return true;
        }
    }
}
