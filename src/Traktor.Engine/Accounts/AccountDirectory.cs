using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Traktor.Engine.Accounts;

/// <summary>
/// The accounts of the mesh in memory, so that everybody can enter while PostgreSQL is gone.
/// <see cref="AccountReader"/> reads them anew every few seconds. Thread-safe.
/// </summary>
public sealed class AccountDirectory
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> uses = new(StringComparer.Ordinal);
    private Snapshot accounts = Snapshot.Of([]);

    /// <summary>All accounts, users first, by name.</summary>
    public IReadOnlyList<Account> All => Volatile.Read(ref accounts).All;

    /// <summary>An account; null when there is none. Whether it can be used now is not checked.</summary>
    public Account? Find(AccountKind kind, string name) => Volatile.Read(ref accounts).ByName.GetValueOrDefault((kind, name));

    /// <summary>The API key with a hash; null when there is none. Whether it can be used now is not checked.</summary>
    public Account? FindKey(string hash) => Volatile.Read(ref accounts).ByHash.GetValueOrDefault(hash);

    /// <summary>Notes that a key was used now.</summary>
    public void NoteUse(Account key, DateTimeOffset now) => uses[key.Name] = now;

    /// <summary>The last uses since the arbiter started, by the keys' names.</summary>
    internal IReadOnlyDictionary<string, DateTimeOffset> Uses => uses;

    internal void Replace(IEnumerable<Account> all) => Volatile.Write(ref accounts, Snapshot.Of([.. all]));

    private sealed record Snapshot(
        ImmutableArray<Account> All,
        Dictionary<(AccountKind, string), Account> ByName,
        Dictionary<string, Account> ByHash
    )
    {
        public static Snapshot Of(ImmutableArray<Account> all)
        {
            var byHash = new Dictionary<string, Account>(StringComparer.Ordinal);
            foreach (var key in all.Where(account => account.Kind == AccountKind.Key))
                byHash[key.SecretHash] = key;
            return new Snapshot(all, all.ToDictionary(account => (account.Kind, account.Name)), byHash);
        }
    }
}
