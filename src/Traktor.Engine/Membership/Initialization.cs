using Dapper;
using Npgsql;
using Traktor.Engine.NodeKeys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Membership;

/// <summary>
/// Initialises a database as a node, and upgrades an earlier release's schema. Each is one transaction, so that a kill
/// leaves nothing behind.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="settings">The arbiter's settings.</param>
/// <param name="scripts">The scripts that create the schema.</param>
public sealed class Initialization(LocalNode local, ArbiterSettings settings, SchemaScripts scripts)
{
    private const int Attempts = 5;

    private readonly SchemaInstaller installer = new(scripts);
    private readonly SchemaMender mender = new(scripts);

    /// <summary>
    /// Creates the schema and the publication. Where the node is initialised already, it upgrades the schema, and mends
    /// it if something of it was dropped.
    /// </summary>
    /// <exception cref="RefusedException">Conflict when the database belongs to another node; Preflight when its
    /// settings do not work; Unavailable.</exception>
    public async Task<InitializeReport> InitializeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        for (var attempt = 1; ; attempt++)
            try
            {
                return await InitializeAsync(connection, cancel);
            }
            catch (Exception e) when (attempt < Attempts && PostgresErrors.IsDeadlock(e))
            {
                // The transaction takes locks on most tables of ours, and an apply worker or a loop takes some the
                // other way round.
            }
            catch (PostgresException e) when (IsCreatedMeanwhile(e))
            {
                // Another arbiter did: this one finds an initialised node now.
            }
            catch (Exception e) when (PostgresErrors.IsFromServer(e))
            {
                throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
            }
    }

    private static bool IsCreatedMeanwhile(PostgresException e) =>
        e
            is { SqlState: PostgresErrorCodes.DuplicateSchema }
                or { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "pg_namespace_nspname_index" };

    private async Task<InitializeReport> InitializeAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await SchemaInstaller.LockAsync(connection, cancel);
        var seen = await NodeProbe.LookAsync(connection, cancel);
        if (!seen.IsDamaged && local.WhyNotOurs(seen) is { } refusal)
            throw refusal;
        var findings = await Preflight.OfServerAsync(connection, settings, cancel);
        if (seen.Identity is not null || seen.IsDamaged)
        {
            var mended = await MendAsync(connection, seen.Identity, cancel);
            await transaction.CommitAsync(cancel);
            return new InitializeReport(
                local.NodeId,
                Created: false,
                scripts.Version,
                [.. findings.Where(finding => finding.Severity > Severity.Info)],
                mended
            );
        }

        Preflight.Demand(findings);
        await installer.InstallAsync(connection, 0, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Membership/insert_identity.sql"),
                new
                {
                    node = local.NodeId,
                    incarnation = (Guid?)null,
                    version = scripts.Version,
                    scripts = scripts.Hash,
                    compatibility = local.Pre16Compatibility,
                },
                cancellationToken: cancel
            )
        );
        await KeyStore.MakeAsync(connection, null, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Nodes/insert_node.sql"),
                new { node = local.NodeId, url = settings.ArbiterUrl.ToString() },
                cancellationToken: cancel
            )
        );
        await transaction.CommitAsync(cancel);
        return new InitializeReport(
            local.NodeId,
            Created: true,
            scripts.Version,
            [.. findings.Where(finding => finding.Severity > Severity.Info)],
            []
        );
    }

    /// <summary>
    /// Upgrades the schema of an initialised node to this release. Returns the earlier version; null when there was
    /// nothing to do, or this release must not do it.
    /// </summary>
    /// <exception cref="RefusedException">The server rejected a script; the message has its file and line.</exception>
    public async Task<int?> UpgradeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await SchemaInstaller.LockAsync(connection, cancel);
        // Another arbiter, perhaps of a newer release, may have upgraded while this one waited.
        if ((await NodeProbe.LookAsync(connection, cancel)).Identity is not { } now || !await UpgradeAsync(connection, now, cancel))
            return null;
        await transaction.CommitAsync(cancel);
        return now.SchemaVersion;
    }

    /// <summary>Upgrades the schema where it is an earlier release's; then gives back what is missing in it.</summary>
    private async Task<IReadOnlyList<string>> MendAsync(NpgsqlConnection connection, NodeIdentity? identity, CancellationToken cancel)
    {
        if (identity is not null && identity.SchemaVersion != scripts.Version)
        {
            await UpgradeAsync(connection, identity, cancel);
            return [];
        }

        List<string> mended = [.. await mender.MendAsync(connection, cancel)];
        if (identity is null && await RestoreIdentityAsync(connection, cancel))
            mended.Add("row of trktr.identity");
        if (identity is null || mended.Count > 0 || !identity.IsOf(scripts))
        {
            // Functions, views and privileges may have gone with what was dropped.
            await connection.ExecuteAsync(new CommandDefinition("delete from trktr.schema_script", cancellationToken: cancel));
            await InstallAsync(connection, scripts.Version, cancel);
        }

        return mended;
    }

    private async Task<bool> RestoreIdentityAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Membership/insert_identity.sql"),
                new
                {
                    node = local.NodeId,
                    incarnation = await IncarnationAsync(connection, cancel),
                    version = scripts.Version,
                    scripts = scripts.Hash,
                    compatibility = local.Pre16Compatibility,
                },
                cancellationToken: cancel
            )
        ) > 0;

    /// <summary>By which the peers know this database.</summary>
    private async Task<Guid?> IncarnationAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var nodes = (
            await connection.QueryAsync<(int Node, Guid Incarnation)>(
                new CommandDefinition("select node_id, incarnation from trktr.node order by node_id", cancellationToken: cancel)
            )
        ).AsList();
        return nodes.Exists(node => node.Node == local.NodeId) ? nodes.Find(node => node.Node == local.NodeId).Incarnation
            : nodes.Count == 0 ? null
            : throw RefusedException.Conflict(
                $"The database belongs to one of the nodes {string.Join(", ", nodes.Select(node => node.Node))}, but arbiter.ini says "
                    + $"NodeID = {local.NodeId}.",
                "Correct NodeID or ConnectionString in arbiter.ini."
            );
    }

    private async Task<bool> UpgradeAsync(NpgsqlConnection connection, NodeIdentity identity, CancellationToken cancel)
    {
        if (identity.NodeId != local.NodeId || identity.SchemaVersion > scripts.Version || identity.IsOf(scripts))
            return false;
        await InstallAsync(connection, identity.SchemaVersion, cancel);
        return true;
    }

    private async Task InstallAsync(NpgsqlConnection connection, int installed, CancellationToken cancel)
    {
        await installer.InstallAsync(connection, installed, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.identity set schema_version = @version, scripts_hash = @hash",
                new { version = scripts.Version, hash = scripts.Hash },
                cancellationToken: cancel
            )
        );
    }
}
