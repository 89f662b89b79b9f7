using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>The users, or the API keys, from memory.</summary>
    public Task<IReadOnlyList<Account>> AccountsAsync(AccountKind kind) =>
        ReadAsync(
            ArbiterAction.ListAccounts,
            () => Task.FromResult<IReadOnlyList<Account>>([.. arbiter.Accounts.All.Where(account => account.Kind == kind)])
        );

    /// <summary>
    /// The users, or the API keys, from the database: for a process that does not keep them in memory.
    /// </summary>
    /// <exception cref="RefusedException">Unavailable.</exception>
    public Task<IReadOnlyList<Account>> StoredAccountsAsync(AccountKind kind, CancellationToken cancel) =>
        ReadAsync(
            ArbiterAction.ListAccounts,
            async () =>
            {
                await arbiter.accountStore.ReadAsync(cancel);
                return await AccountsAsync(kind);
            }
        );

    /// <summary>Makes a user, or changes the role or the password of one; null leaves either unchanged.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="role">What the user may do.</param>
    /// <param name="passwordHash">The hash of the password.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <returns>The user, and whether it is new.</returns>
    public Task<(Account User, bool IsNew)> SetUserAsync(string name, Role? role, string? passwordHash, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.SetUser,
            $"user {name}",
            isDone => AccountAsync(AccountKind.User, name, isPasswordSet: isDone && passwordHash is not null),
            () => arbiter.accountStore.SetUserAsync(name, role, passwordHash, Actor.Subject, cancel)
        );

    /// <summary>Changes a user's password for whoever knows the old one, whatever the actor's role is.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="isOld">Checks the old password against a hash. It is called once, with null for an unknown
    /// name.</param>
    /// <param name="passwordHash">The hash of the new password.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Forbidden: the name or the old password is wrong; Unavailable.</exception>
    public Task<Account> ChangePasswordAsync(string name, Func<string?, bool> isOld, string passwordHash, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.ChangePassword,
            $"user {name}",
            isDone => AccountAsync(AccountKind.User, name, isPasswordSet: isDone),
            () => arbiter.accountStore.ChangePasswordAsync(name, isOld, passwordHash, cancel)
        );

    /// <summary>Makes an API key from its hash; null for a key that does not expire.</summary>
    public Task<Account> CreateKeyAsync(string name, Role role, DateTimeOffset? expires, string hash, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.CreateKey,
            $"API key {name}",
            _ => AccountAsync(AccountKind.Key, name),
            () => arbiter.accountStore.CreateKeyAsync(name, role, expires, hash, Actor.Subject, cancel)
        );

    /// <summary>Removes a user and ends the user's sessions, on all nodes.</summary>
    public Task<bool> RemoveUserAsync(string name, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.RemoveUser,
            $"user {name}",
            _ => AccountAsync(AccountKind.User, name),
            () => RemoveAsync(AccountKind.User, name, cancel)
        );

    /// <summary>Removes an API key on all nodes.</summary>
    public Task<bool> RemoveKeyAsync(string name, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.RemoveKey,
            $"API key {name}",
            _ => AccountAsync(AccountKind.Key, name),
            () => RemoveAsync(AccountKind.Key, name, cancel)
        );

    /// <summary>An account as the audit log has it, from memory; null when there is none. Never the hash.</summary>
    private Task<object?> AccountAsync(AccountKind kind, string name, bool isPasswordSet = false) =>
        Task.FromResult<object?>(
            arbiter.Accounts.Find(kind, name) switch
            {
                null => null,
                { Kind: AccountKind.User } user => new { user.Role, IsPasswordSet = isPasswordSet },
                var key => new { key.Role, key.Expires },
            }
        );

    private async Task<bool> RemoveAsync(AccountKind kind, string name, CancellationToken cancel)
    {
        await arbiter.accountStore.RemoveAsync(kind, name, Actor.Subject, cancel);
        return true;
    }
}
