using System.Net;
using System.Net.Sockets;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Security.Keys;

/// <summary>
/// Counts attempts to guess a key or a password, by the address that they come from or by the account that they are at:
/// after a few each further one must wait, twice as long each time. An attempt counts from its start, so that parallel
/// attempts gain nothing. One address cannot lock out another.
/// </summary>
public sealed class KeyAttempts(TimeProvider time)
{
    /// <summary>Attempts from one address without a wait.</summary>
    public const int Free = 5;

    /// <summary>
    /// Attempts at one account without a wait. More than from one address, because anybody can make them, from many
    /// addresses, and so keep the user out.
    /// </summary>
    public const int FreeAtAccount = 20;

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>An address without an attempt for this long is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);

    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>
    /// Starts an attempt. Returns zero when it is allowed now, else how long to wait; then it does not count.
    /// </summary>
    public TimeSpan Begin(IPAddress address) => Begin(Network(address), Free);

    /// <summary>The same for an attempt at an account.</summary>
    public TimeSpan BeginAt(string account) => Begin(At(account), FreeAtAccount);

    /// <summary>Takes an attempt back: it was no guess. Earlier ones of the address count on.</summary>
    public void Withdraw(IPAddress address) => Withdraw(Network(address));

    /// <summary>Resets the count of an address: whoever is there has nothing left to guess.</summary>
    public void Forget(IPAddress address) => Forget(Network(address));

    /// <summary>Resets the count of an account: its user has signed in.</summary>
    public void ForgetAt(string account) => Forget(At(account));

    private TimeSpan Begin(string from, int free)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var count = _counts.GetValueOrDefault(from);
            if (count is not null && now - count.Last > Memory)
                count = null;
            if (count is not null && count.Last + WaitAfter(count.Attempts - free) - now is { Ticks: > 0 } wait)
                return wait;
            if (count is null && _counts.Count >= Most)
                MakeRoom(now);
            _counts[from] = new Count((count?.Attempts ?? 0) + 1, now);
            return TimeSpan.Zero;
        }
    }

    private void Withdraw(string from)
    {
        lock (_gate)
        {
            if (!_counts.TryGetValue(from, out var count))
                return;
            if (count.Attempts > 1)
                _counts[from] = count with { Attempts = count.Attempts - 1 };
            else
                _counts.Remove(from);
        }
    }

    private void Forget(string from)
    {
        lock (_gate)
            _counts.Remove(from);
    }

    private static string At(string account) => "account " + account[..Math.Min(account.Length, AccountWords.LongestName)];

    // A host usually has a whole IPv6 /64.
    private static string Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4().ToString();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address.ToString();
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes).ToString();
    }

    private static TimeSpan WaitAfter(int tooMany) =>
        tooMany < 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, Math.Pow(2, Math.Min(tooMany, 10))));

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var one in _counts.Where(entry => now - entry.Value.Last > Memory).Select(entry => entry.Key).ToList())
            _counts.Remove(one);
        if (_counts.Count >= Most)
            _counts.Remove(_counts.MinBy(entry => entry.Value.Last).Key);
    }

    private sealed record Count(int Attempts, DateTimeOffset Last);
}
