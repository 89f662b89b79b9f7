using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Nodes;

/// <summary>
/// This node's database, for work that requires the node to be initialised, to be this node, and to have a known schema
/// version.
/// </summary>
/// <param name="database">Its database.</param>
/// <param name="nodeId">Its NodeID.</param>
/// <param name="pre16Compatibility">Whether the mesh may include servers older than PostgreSQL 16.</param>
public sealed class LocalNode(Database database, int nodeId, bool pre16Compatibility = false)
{
    public Database Database { get; } = database;

    public int NodeId { get; } = nodeId;

    /// <summary>Whether the mesh may include servers older than PostgreSQL 16.</summary>
    public bool Pre16Compatibility { get; } = pre16Compatibility;

    private bool wasNode;

    /// <summary>Opens a session on the initialised node.</summary>
    /// <exception cref="RefusedException">Unavailable; or Conflict when the node is not initialised, or is another
    /// node.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancel) => (await OpenIdentifiedAsync(cancel)).Connection;

    /// <summary>The same, with the node's identity.</summary>
    public async Task<(NpgsqlConnection Connection, NodeIdentity Identity)> OpenIdentifiedAsync(CancellationToken cancel)
    {
        var connection = await OpenServerAsync(cancel);
        return (connection, await IdentifyAsync(connection, cancel));
    }

    /// <summary>Asks the initialised node something.</summary>
    /// <exception cref="RefusedException">As for <see cref="OpenAsync"/>, or what the server's error means to a
    /// user.</exception>
    public async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(cancel);
        try
        {
            return await ask(connection);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Opens a session on the initialised node in which code of a table's owner may run:
    /// <see cref="Database.OpenAloneAsync"/>.
    /// </summary>
    /// <exception cref="RefusedException">As for <see cref="OpenAsync"/>.</exception>
    public async Task<NpgsqlConnection> OpenAloneAsync(CancellationToken cancel, string? purpose = null, int? commandTimeout = null)
    {
        try
        {
            var connection = await Database.OpenAloneAsync(cancel, purpose, commandTimeout);
            await IdentifyAsync(connection, cancel);
            return connection;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>The node that a session leads to; closes the session when it is not this one.</summary>
    private async Task<NodeIdentity> IdentifyAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            var seen = await LookAsync(connection, cancel);
            if (WhyNotOurs(seen) is { } refusal)
                throw refusal;
            if (seen.Identity is not { } identity)
                throw RefusedException.Conflict($"Node {NodeId} is not initialised.", "Initialise it first: PUT /v1/arbiter/control.");
            return identity;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            await connection.DisposeAsync();
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a session on the server, whatever its database contains.</summary>
    public async Task<NpgsqlConnection> OpenServerAsync(CancellationToken cancel)
    {
        try
        {
            return await Database.OpenAsync(cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Reads what the database contains, on a session without a transaction: every session of the loops begins with it.
    /// Where it was a node the last time, one statement will do.
    /// </summary>
    public async Task<NodeProbe> LookAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var seen = Volatile.Read(ref wasNode) ? await TryReadNodeAsync(connection, cancel) : null;
        seen ??= await NodeProbe.LookAsync(connection, cancel);
        Volatile.Write(ref wasNode, seen.Identity is not null);
        return seen;
    }

    private static async Task<NodeProbe?> TryReadNodeAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            return await NodeProbe.ReadNodeAsync(connection, cancel);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            return null;
        }
    }

    /// <summary>
    /// Why this arbiter must not work on the database; null when it may, or when the database is not initialised.
    /// </summary>
    public RefusedException? WhyNotOurs(NodeProbe seen) =>
        seen switch
        {
            { Identity: { } identity } when identity.NodeId != NodeId => RefusedException.Conflict(
                $"The database belongs to node {identity.NodeId}, but arbiter.ini says NodeID = {NodeId}.",
                "Correct NodeID or ConnectionString in arbiter.ini."
            ),
            { Identity: { IsCopy: true } identity } => RefusedException.Conflict(
                $"The database is a copy of node {identity.NodeId}'s: it was initialised in another database, or on another server. "
                    + $"Two databases must not act as one node.",
                "If it has replaced the other one, after pg_upgrade or a restore, run in it: SELECT trktr.adopt_database(); Otherwise "
                    + "docs/concepts.md says how to remove Traktor's objects from a copy."
            ),
            { Identity: { } identity } when identity.SchemaVersion > SchemaScripts.Release.Version => RefusedException.Conflict(
                $"A newer release of Traktor has upgraded the database (schema {identity.SchemaVersion}; this release supports "
                    + $"{SchemaScripts.Release.Version}).",
                "Run the newer release."
            ),
            { IsDamaged: true } => RefusedException.Conflict(
                "The schema trktr of this database does not say which node it is: someone has changed it.",
                "PUT /v1/arbiter/control mends it."
            ),
            { Identity: null, HasSchema: true } => RefusedException.Conflict(
                "The database has a schema trktr that is not Traktor's.",
                "Rename or drop it: ALTER SCHEMA trktr RENAME TO trktr_old;"
            ),
            { IsStandby: true } => RefusedException.Conflict(
                "The connection string leads to a standby, which cannot be written to.",
                "Give the primary's address in ConnectionString."
            ),
            _ => null,
        };
}
