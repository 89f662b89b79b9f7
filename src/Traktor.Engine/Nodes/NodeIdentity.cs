using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Nodes;

/// <summary>The identity of an initialised node.</summary>
/// <param name="NodeId">NodeID.</param>
/// <param name="Incarnation">A random value from its initialisation that distinguishes it from other databases with the
/// same NodeID.</param>
/// <param name="SystemIdentifier">The server's system identifier; servers copied from one data directory share
/// it.</param>
/// <param name="DatabaseOid">The database's oid.</param>
/// <param name="IsCopy">Whether the database is a copy of the one that was initialised: it has another oid, or is on a
/// server with another system identifier.</param>
/// <param name="SchemaVersion">Version of its schema: the number of the last migration.</param>
/// <param name="ScriptsHash">One hash of its functions, views and grants.</param>
public sealed record NodeIdentity(
    int NodeId,
    Guid Incarnation,
    long SystemIdentifier,
    long DatabaseOid,
    bool IsCopy,
    int SchemaVersion,
    string ScriptsHash
)
{
    /// <summary>Whether the schema is this release's, so that the arbiter may use it.</summary>
    public bool IsCurrent => IsOf(SchemaScripts.Release);

    /// <summary>Whether the schema is the one of <paramref name="scripts"/>.</summary>
    public bool IsOf(SchemaScripts scripts) => SchemaVersion == scripts.Version && ScriptsHash == scripts.Hash;
}

/// <summary>A server and the node on it, if it is initialised.</summary>
/// <param name="VersionNum"><c>server_version_num</c>.</param>
/// <param name="HasSchema">Whether a schema trktr exists.</param>
/// <param name="IsStandby">Whether it is in recovery and cannot be written to.</param>
/// <param name="Clock">Its clock when it answered.</param>
/// <param name="Identity">The node; null when it is not initialised.</param>
/// <param name="IsOurs">Whether the schema trktr has tables of Traktor's.</param>
public sealed record NodeProbe(int VersionNum, bool HasSchema, bool IsStandby, DateTimeOffset Clock, NodeIdentity? Identity, bool IsOurs)
{
    /// <summary>Whether the schema is Traktor's and does not say which node it is: someone has changed it.</summary>
    public bool IsDamaged => IsOurs && Identity is null;

    /// <summary>Reads what <paramref name="connection"/> leads to.</summary>
    public static async Task<NodeProbe> LookAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var server = await connection.QuerySingleAsync<Server>(
            new CommandDefinition(SqlFile.Read("Nodes/read_server.sql"), cancellationToken: cancel)
        );
        var identity = server.HasIdentity
            ? await connection.QuerySingleOrDefaultAsync<NodeIdentity>(
                new CommandDefinition(SqlFile.Read("Nodes/read_identity.sql"), cancellationToken: cancel)
            )
            : null;
        return new NodeProbe(
            server.VersionNum,
            server.HasSchema,
            server.IsStandby,
            new DateTimeOffset(server.Clock),
            identity,
            server.IsOurs
        );
    }

    private sealed record Server(int VersionNum, bool HasIdentity, bool HasSchema, bool IsOurs, bool IsStandby, DateTime Clock);
}
