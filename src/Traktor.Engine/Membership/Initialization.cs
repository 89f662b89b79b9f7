using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Membership;

/// <summary>
/// Makes a database a node, and upgrades what an earlier release made. Each is one transaction: killed in between,
/// nothing has happened.
/// </summary>
public sealed class Initialization(LocalNode local, ArbiterSettings settings)
{
    /// <summary>
    /// Creates our schema and publication. Returns whether they were created; false when the node was initialised
    /// already.
    /// </summary>
    /// <exception cref="RefusedException">Conflict when the database is another node's; Preflight when its settings
    /// cannot work; Unavailable.</exception>
    public async Task<InitializeReport> InitializeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await LockAsync(connection, cancel);
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
                    SchemaVersion.Current,
                    [.. findings.Where(finding => finding.Severity != Severity.Ok)]
                );
            }

            Preflight.Demand(findings);
            await connection.ExecuteAsync(
                new CommandDefinition($"CREATE SCHEMA {Quote.Identifier(ObjectNames.Schema)}", cancellationToken: cancel)
            );
            await SchemaVersion.UpgradeAsync(connection, 0, cancel);
            await connection.ExecuteAsync(
                new CommandDefinition(
                    "insert into trktr.identity (node_id, schema_version, pre16_compatibility) values (@node, @version, @compatibility)",
                    new
                    {
                        node = local.NodeId,
                        version = SchemaVersion.Current,
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
                SchemaVersion.Current,
                [.. findings.Where(finding => finding.Severity != Severity.Ok)]
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Brings the schema of an initialised node up to this release. Returns the version that it was brought to; null
    /// when there was nothing to do.
    /// </summary>
    public async Task<int?> UpgradeAsync(NodeIdentity identity, CancellationToken cancel)
    {
        if (identity.SchemaVersion >= SchemaVersion.Current)
            return null;
        await using var connection = await local.OpenServerAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await LockAsync(connection, cancel);
        if ((await NodeProbe.LookAsync(connection, cancel)).Identity is not { } now)
            return null;
        await UpgradeAsync(connection, now, cancel);
        await transaction.CommitAsync(cancel);
        return SchemaVersion.Current;
    }

    private static async Task UpgradeAsync(NpgsqlConnection connection, NodeIdentity identity, CancellationToken cancel)
    {
        if (identity.SchemaVersion >= SchemaVersion.Current)
            return;
        await SchemaVersion.UpgradeAsync(connection, identity.SchemaVersion, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.identity set schema_version = @version",
                new { version = SchemaVersion.Current },
                cancellationToken: cancel
            )
        );
    }

    private static Task LockAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition("select pg_advisory_xact_lock(hashtextextended('trktr.schema', 0))", cancellationToken: cancel)
        );
}
