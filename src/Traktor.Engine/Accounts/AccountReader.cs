using Dapper;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Slots;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Accounts;

/// <summary>
/// The loop that keeps <see cref="AccountDirectory"/> as the database has it, sends all accounts to new peers, and
/// stores when keys were used. While the server is gone the directory stays as it is.
/// </summary>
public sealed class AccountReader(LocalNode local, AccountDirectory directory, Worker worker, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, DateTimeOffset> storedUses = new(StringComparer.Ordinal);
    private IReadOnlySet<long>? announcedTo;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, stop => worker.TryAsync(RoundAsync, stop), cancel);

    /// <summary>Reads the accounts into memory. Npgsql's exceptions propagate.</summary>
    internal static async Task ReadAsync(NpgsqlConnection connection, AccountDirectory directory, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(SqlFile.Read("Accounts/read_accounts.sql"), cancellationToken: cancel)
        );
        directory.Replace(rows.Select(row => row.ToAccount()));
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        var seen = await local.LookAsync(connection, cancel);
        if (!seen.HasSchema)
            directory.Replace([]);
        if (local.WhyNotOurs(seen) is not null || seen.Identity is not { IsCurrent: true })
            return;
        try
        {
            var receivers = await Subscriber.ReadReceiversAsync(connection, local.NodeId, cancel);
            if (announcedTo is null || !receivers.IsSubsetOf(announcedTo))
                await AccountStore.AnnounceAsync(connection, cancel);
            announcedTo = receivers;
            await ReadAsync(connection, directory, cancel);
            await StoreUsesAsync(connection, cancel);
        }
        catch
        {
            // The server may have lost what it was told.
            announcedTo = null;
            throw;
        }
    }

    private async Task StoreUsesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var due = directory.Uses.Where(use => use.Value - storedUses.GetValueOrDefault(use.Key) >= UseInterval).ToList();
        if (due.Count == 0)
            return;
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Accounts/write_key_use.sql"),
                new { names = due.Select(use => use.Key).ToArray(), times = due.Select(use => use.Value.UtcDateTime).ToArray() },
                cancellationToken: cancel
            )
        );
        foreach (var (name, at) in due)
            storedUses[name] = at;
    }

    private sealed record Row(
        string Kind,
        string Name,
        string Role,
        string SecretHash,
        DateTime? Expires,
        DateTime ChangedAt,
        string ChangedBy,
        DateTime? LastUsedAt
    )
    {
        public Account ToAccount() =>
            new(
                Kind == AccountWords.Of(AccountKind.User) ? AccountKind.User : AccountKind.Key,
                Name,
                AccessWords.RoleOf(Role) ?? Access.Role.Viewer,
                SecretHash,
                Expires is { } end ? new DateTimeOffset(end) : null,
                new DateTimeOffset(ChangedAt),
                ChangedBy,
                LastUsedAt is { } used ? new DateTimeOffset(used) : null
            );
    }
}
