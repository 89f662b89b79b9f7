using Dapper;
using Npgsql;
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
    private readonly SchemaInstaller installer = new(scripts);

    /// <summary>
    /// Creates the schema and the publication. Returns whether it created them; false when the node was already
    /// initialised.
    /// </summary>
    /// <exception cref="RefusedException">Conflict when the database belongs to another node; Preflight when its
    /// settings do not work; Unavailable.</exception>
    public async Task<InitializeReport> InitializeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        while (true)
            try
            {
                return await InitializeAsync(connection, cancel);
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
        if (local.WhyNotOurs(seen) is { } refusal)
            throw refusal;
        var findings = await Preflight.OfServerAsync(connection, settings, cancel);
        if (seen.Identity is { } identity)
        {
            await UpgradeAsync(connection, identity, cancel);
            await transaction.CommitAsync(cancel);
            return new InitializeReport(
                local.NodeId,
                Created: false,
                scripts.Version,
                [.. findings.Where(finding => finding.Severity != Severity.Ok)]
            );
        }

        Preflight.Demand(findings);
        await installer.InstallAsync(connection, 0, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "insert into trktr.identity (node_id, schema_version, pre16_compatibility) values (@node, @version, @compatibility)",
                new
                {
                    node = local.NodeId,
                    version = scripts.Version,
                    compatibility = local.Pre16Compatibility,
                },
                cancellationToken: cancel
            )
        );
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
            [.. findings.Where(finding => finding.Severity != Severity.Ok)]
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

    private async Task<bool> UpgradeAsync(NpgsqlConnection connection, NodeIdentity identity, CancellationToken cancel)
    {
        if (identity.NodeId != local.NodeId || identity.SchemaVersion > scripts.Version || identity.IsOf(scripts))
            return false;
        await installer.InstallAsync(connection, identity.SchemaVersion, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.identity set schema_version = @version where schema_version <> @version",
                new { version = scripts.Version },
                cancellationToken: cancel
            )
        );
        return true;
    }
}
