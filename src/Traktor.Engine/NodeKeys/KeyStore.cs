using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.NodeKeys;

/// <summary>
/// Makes this node's key pair, and reads the keys that this node's database has into <see cref="KeyDirectory"/>.
/// Npgsql's exceptions propagate.
/// </summary>
public sealed class KeyStore
{
    private readonly LocalNode local;
    private readonly KeyDirectory directory;

    /// <param name="local">This node.</param>
    /// <param name="directory">Where the keys are kept in memory.</param>
    public KeyStore(LocalNode local, KeyDirectory directory)
    {
        (this.local, this.directory) = (local, directory);
        directory.ReadBy(RefreshAsync);
    }

    /// <summary>
    /// Reads the keys. Where this node's own is missing or cannot be used, or was made for another database of which
    /// this one is a copy, it makes a new one. Requires an initialised node of this release, which is this arbiter's.
    /// </summary>
    /// <returns>This node's key.</returns>
    public async Task<PublicKey> KeepAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var known = directory.Own;
        var rows = await ReadAsync(connection, known, cancel);
        if (UsableOf(rows, known) is not { } own)
        {
            await using (var transaction = await connection.BeginTransactionAsync(cancel))
            {
                await MakeAsync(connection, rows.Find(row => row.Node is null)?.PublicKey, cancel);
                await transaction.CommitAsync(cancel);
            }

            // Perhaps that of another arbiter of this node, which did the same.
            rows = await ReadAsync(connection, known, cancel);
            own =
                UsableOf(rows, known)
                ?? throw RefusedException.Conflict("The key pair in trktr.node_key cannot be used: someone has changed the schema trktr.");
        }

        var others = new Dictionary<int, PublicKey>();
        foreach (var row in rows)
            if (row.Node is { } node && ParsedKeyOf(node, row.PublicKey) is { } key)
                others[node] = key;
        directory.Replace(own, others);
        return own.Public;
    }

    /// <summary>The database is not this arbiter's node, or is none any more.</summary>
    public void Forget() => directory.Clear();

    /// <summary>
    /// Makes this node's key pair; in the place of the one with the public key <paramref name="replaced"/>, if that is
    /// still there. Requires a transaction, whose later parameters the server does not log.
    /// </summary>
    internal static async Task MakeAsync(NpgsqlConnection connection, byte[]? replaced, CancellationToken cancel)
    {
        var pair = NodeKeyPair.Make();
        await connection.ExecuteAsync(new CommandDefinition("select trktr.hide_parameters()", cancellationToken: cancel));
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("NodeKeys/write_own_key.sql"),
                new
                {
                    privateKey = pair.ToPkcs8(),
                    publicKey = pair.Public.Bytes.ToArray(),
                    replaced,
                },
                cancellationToken: cancel
            )
        );
    }

    /// <summary>
    /// Announces that this node leaves: its row says no key from then on. Waits until the peers that are connected have
    /// applied that, for two seconds at most.
    /// </summary>
    internal static async Task WithdrawAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        var lsn = await connection.ExecuteScalarAsync<string?>(
            new CommandDefinition(SqlFile.Read("NodeKeys/withdraw_key.sql"), new { node }, cancellationToken: cancel)
        );
        for (var waited = 0; lsn is not null && waited < 40; waited++)
        {
            var isApplied = await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition(SqlFile.Read("NodeKeys/is_applied.sql"), new { node, lsn }, cancellationToken: cancel)
            );
            if (isApplied)
                return;
            await Task.Delay(50, cancel);
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            var (connection, identity) = await local.OpenIdentifiedAsync(CancellationToken.None);
            await using var _ = connection;
            if (identity.IsCurrent)
                await KeepAsync(connection, CancellationToken.None);
        }
        catch (Exception e) when (e is RefusedException || PostgresErrors.IsFromServer(e))
        {
            // The loop that checks this node's server reports it.
        }
    }

    private static async Task<List<KeyRow>> ReadAsync(NpgsqlConnection connection, NodeKeyPair? known, CancellationToken cancel) =>
        (
            await connection.QueryAsync<KeyRow>(
                new CommandDefinition(
                    SqlFile.Read("NodeKeys/read_keys.sql"),
                    new { known = known?.Public.Bytes.ToArray() },
                    cancellationToken: cancel
                )
            )
        ).AsList();

    private PublicKey? ParsedKeyOf(int node, byte[] bytes) =>
        directory.Find(node) is { } kept && kept.Is(bytes) ? kept : PublicKey.Parse(bytes);

    private static NodeKeyPair? UsableOf(List<KeyRow> rows, NodeKeyPair? known)
    {
        if (rows.Find(row => row.Node is null) is not { IsOfThisDatabase: true } own)
            return null;
        // Without the private key it is the known one.
        var pair = own.PrivateKey is { } bytes ? NodeKeyPair.Parse(bytes) : known;
        return pair?.Public.Is(own.PublicKey) == true ? pair : null;
    }

    private sealed record KeyRow(int? Node, byte[] PublicKey, byte[]? PrivateKey, bool IsOfThisDatabase);
}
