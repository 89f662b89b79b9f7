using Dapper;
using Npgsql;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Accounts;

/// <summary>
/// Changes the accounts of the mesh in <c>trktr.account</c>, from which replication sends them to the other nodes. Each
/// change is a new row of this node, so that no two nodes write one row.
/// </summary>
public sealed class AccountStore(LocalNode local, AccountDirectory directory)
{
    /// <summary>Makes a user, or changes the role or the password of one; null leaves either unchanged.</summary>
    /// <returns>The user, and whether it is new.</returns>
    /// <exception cref="RefusedException">Malformed: the name is not allowed, or a new user lacks one of both;
    /// Unavailable.</exception>
    public async Task<(Account User, bool IsNew)> SetUserAsync(
        string name,
        Role? role,
        string? passwordHash,
        string by,
        CancellationToken cancel
    )
    {
        AccountWords.DemandName(name);
        var isNew = false;
        await ChangeAsync(
            AccountKind.User,
            name,
            by,
            before =>
            {
                isNew = before is null;
                if (before is null && (role is null || passwordHash is null))
                    throw RefusedException.Malformed($"The user {name} does not exist yet, and a new user needs a password and a role.");
                return new State(role ?? before!.Role, passwordHash ?? before!.SecretHash, null, IsRemoved: false);
            },
            cancel
        );
        return (Known(AccountKind.User, name), isNew);
    }

    /// <summary>Changes the password of a user who knows the old one.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="isOld">Checks the old password against a hash. It is called once, with null for an unknown
    /// name.</param>
    /// <param name="passwordHash">The hash of the new password.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Malformed: no user can have that name; Forbidden: the name or the old
    /// password is wrong; Unavailable.</exception>
    public async Task<Account> ChangePasswordAsync(string name, Func<string?, bool> isOld, string passwordHash, CancellationToken cancel)
    {
        AccountWords.DemandName(name);
        await ChangeAsync(
            AccountKind.User,
            name,
            $"the user {name}",
            before =>
                isOld(before?.SecretHash) && before is not null
                    ? before with
                    {
                        SecretHash = passwordHash,
                    }
                    : throw RefusedException.Forbidden("The name or the old password is wrong."),
            cancel
        );
        return Known(AccountKind.User, name);
    }

    /// <summary>Makes an API key.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="expires">When it ends; null for never.</param>
    /// <param name="hash">SHA-256 of the key, hexadecimal.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Malformed: the name is not allowed; Conflict: a key of that name exists;
    /// Unavailable.</exception>
    public async Task<Account> CreateKeyAsync(
        string name,
        Role role,
        DateTimeOffset? expires,
        string hash,
        string by,
        CancellationToken cancel
    )
    {
        AccountWords.DemandName(name);
        await ChangeAsync(
            AccountKind.Key,
            name,
            by,
            before =>
                before is null
                    ? new State(role, hash, expires, IsRemoved: false)
                    : throw RefusedException.Conflict(
                        $"An API key with the name {name} exists.",
                        "Remove it first, or choose another name."
                    ),
            cancel
        );
        return Known(AccountKind.Key, name);
    }

    /// <summary>Removes an account on all nodes.</summary>
    /// <exception cref="RefusedException">NotFound: it does not exist; Unavailable.</exception>
    public Task RemoveAsync(AccountKind kind, string name, string by, CancellationToken cancel) =>
        ChangeAsync(
            kind,
            name,
            by,
            before =>
                before is null
                    ? throw RefusedException.NotFound($"The {AccountWords.InWords(kind)} {name} does not exist.")
                    : new State(before.Role, null, null, IsRemoved: true),
            cancel
        );

    /// <summary>Reads the accounts into the directory.</summary>
    /// <exception cref="RefusedException">Unavailable.</exception>
    public async Task ReadAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            await AccountReader.ReadAsync(connection, directory, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Sends all accounts to peers that have just begun to receive from this node. Npgsql's exceptions propagate.
    /// </summary>
    internal static async Task AnnounceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await NodeLocks.TakeAsync(connection, NodeLocks.Accounts, cancel);
        await connection.ExecuteAsync(new CommandDefinition("select trktr.announce_accounts()", cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }

    private async Task ChangeAsync(AccountKind kind, string name, string by, Func<State?, State> next, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            await using (var transaction = await connection.BeginTransactionAsync(cancel))
            {
                await connection.ExecuteAsync(new CommandDefinition("select trktr.hide_parameters()", cancellationToken: cancel));
                await NodeLocks.TakeAsync(connection, NodeLocks.Accounts, cancel);
                var key = new { kind = AccountWords.Of(kind), name };
                var before = await connection.QuerySingleOrDefaultAsync<Row>(
                    new CommandDefinition(SqlFile.Read("Accounts/read_account.sql"), key, cancellationToken: cancel)
                );
                var state = next(before is { IsRemoved: false } ? before.ToState() : null);
                await connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Accounts/delete_account.sql"),
                        new
                        {
                            node = local.NodeId,
                            key.kind,
                            key.name,
                        },
                        cancellationToken: cancel
                    )
                );
                await connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Accounts/insert_account.sql"),
                        new
                        {
                            node = local.NodeId,
                            key.kind,
                            key.name,
                            role = AccessWords.Of(state.Role),
                            hash = state.SecretHash,
                            expires = state.Expires?.UtcDateTime,
                            isRemoved = state.IsRemoved,
                            before = before?.ChangedAt,
                            by,
                        },
                        cancellationToken: cancel
                    )
                );
                await transaction.CommitAsync(cancel);
            }

            await AccountReader.ReadAsync(connection, directory, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    // Somebody else may have removed it in the same moment.
    private Account Known(AccountKind kind, string name) =>
        directory.Find(kind, name) ?? throw RefusedException.Conflict($"The {AccountWords.InWords(kind)} {name} was removed meanwhile.");

    private sealed record State(Role Role, string? SecretHash, DateTimeOffset? Expires, bool IsRemoved);

    private sealed record Row(string Role, string? SecretHash, DateTime? Expires, bool IsRemoved, DateTime ChangedAt)
    {
        public State ToState() =>
            new(AccessWords.RoleOf(Role) ?? Access.Role.Viewer, SecretHash, Expires is { } end ? new DateTimeOffset(end) : null, IsRemoved);
    }
}
